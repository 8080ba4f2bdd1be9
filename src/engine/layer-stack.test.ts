import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { digestFor } from '../../test/support/image-records.ts';
import { createLayerStack } from './layer-stack.ts';

const [a, b] = [digestFor('a'), digestFor('b')];

test('the layers below come in their order, whichever was first', async () => {
  const stack = createLayerStack(3, new AbortController().signal);
  const below = stack.below(2);
  stack.put(1, b);
  stack.put(0, a);
  assert.deepEqual(await below, [a, b]);
  assert.deepEqual(await stack.below(1), [a]);
  assert.deepEqual(await stack.below(0), []);
});

test('an abort ends the waiting, and a wait that ended leaves nothing at the signal', async () => {
  const abort = new AbortController();
  const stack = createLayerStack(2, abort.signal);
  stack.put(0, a);
  await stack.below(1);
  assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
  const waiting = stack.below(2);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, { message: 'enough' });
  await assert.rejects(stack.below(2), { message: 'enough' });
});
