import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestFor, idFor, putRecord } from '../../test/support/image-records.ts';
import { openTestEngine } from '../../test/support/test-engine.ts';
import { listImages, type Engine, type ImageFilters } from './index.ts';

async function gallery(engine: Engine): Promise<void> {
  await putRecord(engine, 'old', { names: ['old:1'], created: '2020-01-01T00:00:00Z', labels: { a: '1' } });
  await putRecord(engine, 'new', {
    names: ['r.example:5000/x/new:1', 'new:2'],
    created: '2023-01-01T00:00:00Z',
    labels: { a: '1', b: '2' },
  });
  await putRecord(engine, 'digest', { names: [`old@${digestFor('d')}`], created: '2022-01-01T00:00:00Z' });
  await putRecord(engine, 'step', { created: '2021-01-01T00:00:00Z' });
  await putRecord(engine, 'built', { parent: idFor('step'), created: '2021-01-01T00:00:00.000000001Z' });
  await putRecord(engine, 'undated', { created: undefined });
}

const words = ['old', 'new', 'digest', 'step', 'built', 'undated'];

async function list(engine: Engine, filters: ImageFilters = {}, all = false): Promise<string[]> {
  const images = await listImages(engine, { filters, all });
  return images.map(({ record }) => words.find((word) => idFor(word) === record.id) ?? '?');
}

const table: readonly (readonly [
  name: string,
  filters: ImageFilters,
  all: boolean,
  images: readonly string[],
])[] = [
  [
    'without filters: all but steps, the newest first',
    {},
    false,
    ['new', 'digest', 'built', 'old', 'undated'],
  ],
  ['with steps', {}, true, ['new', 'digest', 'built', 'step', 'old', 'undated']],
  ['dangling: no tag, no child', { dangling: true }, false, ['digest', 'built', 'undated']],
  ['dangling with all: steps are no such', { dangling: true }, true, ['digest', 'built', 'undated']],
  ['not dangling: with any name', { dangling: false }, false, ['new', 'digest', 'old']],
  ['a label', { labels: ['a'] }, false, ['new', 'old']],
  ['a label with its value', { labels: ['a=1'] }, false, ['new', 'old']],
  ['a label with another value', { labels: ['a=2'] }, false, []],
  ['labels together', { labels: ['a', 'b=2'] }, false, ['new']],
  ['a label that all objects seem to have', { labels: ['constructor'] }, false, []],
  ['no such label', { notLabels: ['b'] }, false, ['digest', 'built', 'old', 'undated']],
  ['before an image', { before: ['new:2'] }, false, ['digest', 'built', 'old', 'undated']],
  ['since an image', { since: ['old:1'] }, false, ['new', 'digest', 'built']],
  ['since a nanosecond', { since: [idFor('step')] }, false, ['new', 'digest', 'built']],
  ['between two images', { since: ['old:1'], before: ['new:2'] }, false, ['digest', 'built']],
  ['until a time', { until: [Date.UTC(2022, 0)] }, false, ['built', 'old', 'undated']],
  ['until two times', { until: [Date.UTC(2022, 0), Date.UTC(2020, 0)] }, false, ['undated']],
  ['a reference', { references: ['old'] }, false, ['digest', 'old']],
  ['a reference with its tag', { references: ['old:*'] }, false, ['old']],
  ['a star stops at a slash', { references: ['*'] }, false, ['new', 'digest', 'old']],
  ['references: one must fit', { references: ['old:1', '*/x/*'] }, false, ['new', 'old']],
];

for (const [name, filters, all, images] of table) {
  test(`images ${name}`, async () => {
    await using made = await openTestEngine();
    await gallery(made.engine);
    assert.deepEqual(await list(made.engine, filters, all), images);
  });
}

test('a reference leaves only the names that fit it', async () => {
  await using made = await openTestEngine();
  await gallery(made.engine);
  const [image] = await listImages(made.engine, { filters: { references: ['r.example:5000/*/*'] } });
  assert.deepEqual(image?.tags, ['r.example:5000/x/new:1']);
});

test('a bad pattern and an unknown image are errors', async () => {
  await using made = await openTestEngine();
  await assert.rejects(listImages(made.engine, { filters: { references: ['['] } }), {
    code: 'pattern-invalid',
  });
  for (const key of ['before', 'since'] as const) {
    await assert.rejects(listImages(made.engine, { filters: { [key]: ['nope'] } }), {
      code: 'image-not-found',
      message: 'No such image: nope:latest',
    });
  }
});

test('the shared size is that of the layers another image has at the same place', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { layers: ['base', 'a'], names: ['a:1'] });
  await putRecord(made.engine, 'b', { layers: ['base', 'b', 'a'], names: ['b:1'] });
  await putRecord(made.engine, 'c', { layers: ['a'], names: ['c:1'] });
  const images = await listImages(made.engine, { sharedSize: true });
  assert.deepEqual(
    new Map(images.map(({ tags, sharedSize }) => [tags[0], sharedSize])),
    new Map([
      ['a:1', 10],
      ['b:1', 10],
      ['c:1', 0],
    ]),
  );
  assert.ok((await listImages(made.engine)).every((image) => !('sharedSize' in image)));
});
