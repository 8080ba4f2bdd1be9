import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestFor, idFor, putRecord } from '../../test/support/image-records.ts';
import { openTestEngine } from '../../test/support/test-engine.ts';
import { pruneImages, type Removal } from './index.ts';

function images(removals: readonly Removal[]): string[] {
  return removals.flatMap((removal) =>
    'deleted' in removal
      ? ['a', 'b', 'c', 'step', 'built'].filter((word) => idFor(word) === removal.deleted)
      : [],
  );
}

test('images without a tag go, with the digests that they have', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { layers: ['base', 'a'], names: ['a:1'] });
  await putRecord(made.engine, 'b', { layers: ['base', 'b'], names: [`b@${digestFor('x')}`] });
  await putRecord(made.engine, 'c', { layers: ['base', 'c', 'd'] });
  const { removals, reclaimed } = await pruneImages(made.engine);
  assert.deepEqual(images(removals).sort(), ['b', 'c']);
  assert.ok(removals.some((removal) => 'untagged' in removal && removal.untagged === `b@${digestFor('x')}`));
  assert.equal(reclaimed, 30, 'the layer below is in use');
  assert.equal((await made.engine.metadata.images()).length, 1);
});

test('unless only dangling ones go, all do, each name in lexical order', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { names: ['z:1', 'a:2', 'a:10', 'r.example/b:1'] });
  const { removals, reclaimed } = await pruneImages(made.engine, { danglingOnly: false });
  assert.deepEqual(
    removals.flatMap((removal) => ('untagged' in removal ? [removal.untagged] : [])),
    ['a:10', 'a:2', 'r.example/b:1', 'z:1'],
  );
  assert.deepEqual(images(removals), ['a']);
  assert.equal(reclaimed, 10);
});

test('steps go with the image that was made from them, and not before', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'step', { layers: ['s'] });
  await putRecord(made.engine, 'built', { layers: ['s', 'b'], parent: idFor('step'), names: ['built:1'] });
  assert.deepEqual(await pruneImages(made.engine), { removals: [], reclaimed: 0 });
  const { removals, reclaimed } = await pruneImages(made.engine, { danglingOnly: false });
  assert.deepEqual(images(removals), ['built', 'step']);
  assert.equal(reclaimed, 20);
});

test('filters say which', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { labels: { keep: 'yes' } });
  await putRecord(made.engine, 'b', { created: '2025-01-01T00:00:00Z' });
  await putRecord(made.engine, 'c');
  const filters = { notLabels: ['keep'], until: [Date.UTC(2024, 5)] };
  assert.deepEqual(images((await pruneImages(made.engine, { filters })).removals), ['c']);
  assert.deepEqual(images((await pruneImages(made.engine, { filters: { labels: ['keep=yes'] } })).removals), [
    'a',
  ]);
});

test('a prune has an event of its own, with what it reclaimed', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a');
  await pruneImages(made.engine);
  const event = made.engine.events.recent().at(-1);
  assert.deepEqual([event?.action, event?.id, event?.attributes], ['prune', '', { reclaimed: '10' }]);
});

test('a label that an image must not have is one of several only when it has them all', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { labels: { keep: 'yes' } });
  await putRecord(made.engine, 'b', { labels: { keep: 'yes', really: 'yes' } });
  const filters = { notLabels: ['keep', 'really'] };
  assert.deepEqual(images((await pruneImages(made.engine, { filters })).removals), ['a']);
});

test('a prune while another one runs is refused, and the next one is not', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a');
  const first = pruneImages(made.engine);
  await assert.rejects(pruneImages(made.engine), {
    kind: 'conflict',
    code: 'prune-running',
    message: 'a prune operation is already running',
  });
  assert.equal((await first).removals.length, 2);
  assert.deepEqual((await pruneImages(made.engine)).removals, []);
});
