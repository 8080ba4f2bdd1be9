import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { createGate } from './gate.ts';

test('no more get in than there are places, and the others follow in their order', async () => {
  const gate = createGate(2);
  const order: string[] = [];
  let inside = 0;
  let most = 0;
  const worker = async (name: string) => {
    using _place = await gate.enter();
    most = Math.max(most, ++inside);
    order.push(name);
    await setImmediate();
    inside--;
  };
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map(worker));
  assert.deepEqual(order, ['a', 'b', 'c', 'd', 'e']);
  assert.equal(most, 2);
});

test('only those who have to wait are told so', async () => {
  const gate = createGate(1);
  const waited: string[] = [];
  const enter = (name: string) => gate.enter({ onWait: () => waited.push(name) });
  const first = await enter('first');
  const second = enter('second');
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  (await enter('third'))[Symbol.dispose]();
  assert.deepEqual(waited, ['second']);
});

test('who is aborted while waiting leaves the queue, and takes no place', async () => {
  const gate = createGate(1);
  const first = await gate.enter();
  const abort = new AbortController();
  const second = gate.enter({ signal: abort.signal });
  const third = gate.enter();
  abort.abort(new Error('stop'));
  await assert.rejects(second, { message: 'stop' });
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  (await gate.enter())[Symbol.dispose]();
});

test('a signal that is aborted already lets nobody in', async () => {
  await assert.rejects(createGate(1).enter({ signal: AbortSignal.abort(new Error('stop')) }), {
    message: 'stop',
  });
});

test('an abort after the way in changes nothing', async () => {
  const gate = createGate(1);
  const first = await gate.enter();
  const abort = new AbortController();
  const second = gate.enter({ signal: abort.signal });
  first[Symbol.dispose]();
  const place = await second;
  abort.abort();
  place[Symbol.dispose]();
  (await gate.enter())[Symbol.dispose]();
});
