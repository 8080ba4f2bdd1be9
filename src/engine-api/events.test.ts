import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createEventLog, type EventLog } from '#engine';
import type { GantryError } from '#errors';
import type { Event } from '#wire';
import { randomImage } from '../../test/support/random-image.ts';
import { rawExchange } from '../../test/support/raw-exchange.ts';
import { openTestApi } from '../../test/support/test-api.ts';
import { store } from '../../test/support/test-engine.ts';
import { connectLocally } from './index.ts';

const log = createEventLog();
let listeners = 0;
const events: EventLog = {
  ...log,
  subscribe: (listener) => {
    const stop = log.subscribe(listener);
    listeners++;
    return () => {
      listeners--;
      stop();
    };
  },
};
const api = await openTestApi({ events });
after(() => api[Symbol.asyncDispose]());
const ask = (line: string, more = {}) => rawExchange(api.server, line, more);
const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;

const began = Date.now() / 1000;
await store(api.registry('docker.io'), 'library/one', '1', randomImage({ seed: 1 }));
await ask('POST /images/create?fromImage=one&tag=1');
await ask('POST /images/one:1/tag?repo=two&tag=2');

test('events are told again from a time on, and filtered', async () => {
  const until = Date.now() / 1000 + 0.001;
  const told = async (more: string, version = '1.50') =>
    (await ask(`GET /v${version}/events?since=${began.toFixed(3)}&until=${until.toFixed(3)}${more}`))
      .lines as Event[];
  const all = await told('');
  const pulled = all.find(({ Action }) => Action === 'pull');
  assert.deepEqual(
    [pulled?.status, pulled?.id, pulled?.Type, pulled?.scope],
    ['pull', 'one:1', 'image', 'local'],
  );
  assert.equal(Math.floor((pulled?.timeNano ?? 0) / 1e9), pulled?.time);
  const tags = await told(`&${filters({ event: ['tag'], image: ['two'] })}`);
  assert.ok(tags.length > 0);
  assert.ok(tags.every(({ Action, Actor }) => Action === 'tag' && Actor.Attributes['name'] === 'two:2'));
  assert.deepEqual(await told(`&${filters({ type: ['container'] })}`), []);
  assert.deepEqual(await told(`&${filters({ label: ['nope'] })}`), []);
});

test('events to come arrive one by one, and a client that leaves is forgotten', async () => {
  const asked = request({ path: '/events', createConnection: () => connectLocally(api.server) }).end();
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  await ask('POST /images/one:1/tag?repo=three');
  for await (const chunk of response) {
    assert.equal((JSON.parse(chunk.toString()) as Event).Action, 'tag');
    break;
  }
  while (listeners > 0) await setImmediate();
});

test('a client that does not read is cut off before its events fill the memory', async () => {
  const asked = request({ path: '/events', createConnection: () => connectLocally(api.server) }).end();
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  for (let index = 0; index < 2000; index++) {
    log.publish({ type: 'image', action: 'tag', id: 'x', attributes: { name: 'n'.repeat(1000) }, time: 0 });
  }
  await assert.rejects(Array.fromAsync(response));
  assert.deepEqual(
    api.failures.map((error) => (error as GantryError).code),
    ['events-unread'],
  );
  assert.equal(listeners, 0);
});
