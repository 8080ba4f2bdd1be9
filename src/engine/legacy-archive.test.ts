import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../test/support/image-archives.ts';
import { legacyArchive, legacyIds } from '../../test/support/legacy-archive.ts';
import { openTestEngine } from '../../test/support/test-engine.ts';
import { readDocument } from './blobs.ts';
import { imageHistory, inspectImage, listImages } from './index.ts';

const [base, top] = legacyIds;

test('an archive of before Docker 1.10 becomes images of today, with their parents', async () => {
  await using made = await openTestEngine();
  const events = await load(made, legacyArchive());
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'loaded' ? [event.tag?.tag] : [])),
    ['1', 'latest'],
  );
  const { record, config } = await inspectImage(made.engine, 'old:1');
  assert.equal(record.layers.length, 2);
  assert.deepEqual(config.config.Labels, { old: 'yes' });
  assert.equal(config.author, 'ann');
  const steps = await imageHistory(made.engine, 'old');
  assert.deepEqual(
    steps.map(({ createdBy, comment, id }) => [createdBy, comment, id]),
    [
      ['/bin/sh -c echo <a> & b', 'the top', record.id],
      ['/bin/sh -c #(nop) ADD file:x in /', '', record.parent],
    ],
  );
  assert.equal((await listImages(made.engine)).length, 1, 'the parent is a step');
});

test('its config is the one that docker makes of it, byte for byte', async () => {
  await using made = await openTestEngine();
  await load(made, legacyArchive());
  const { record } = await inspectImage(made.engine, 'old:1');
  const text = Buffer.from(await readDocument(made.engine.content, record.id)).toString();
  const keys = Object.keys(JSON.parse(text) as object);
  assert.deepEqual(keys, keys.toSorted());
  for (const key of ['id', 'parent', 'Size', 'throwaway']) assert.ok(!keys.includes(key), key);
  assert.match(text, /echo \\u003ca\\u003e \\u0026 b/);
});

for (const [what, change] of [
  ['a parent that is not there', { [`${base}/json`]: undefined }],
  ['a layer that is not there', { [`${top}/layer.tar`]: undefined }],
  ['an image that is its own parent', { [`${base}/json`]: JSON.stringify({ parent: top }) }],
  ['a name for an image that is not there', { repositories: JSON.stringify({ x: { '1': 'c'.repeat(64) } }) }],
  ['a bad name', { repositories: JSON.stringify({ X: { '1': top } }) }],
  ['a list that is none', { repositories: '[]' }],
  ['a json that is none', { [`${top}/json`]: '{' }],
] as const) {
  test(`${what} is a clear error, and nothing of the archive stays`, async () => {
    await using made = await openTestEngine();
    const files = Object.fromEntries(
      Object.entries({ ...legacyArchive(), ...change }).filter(([, content]) => content !== undefined),
    ) as ReturnType<typeof legacyArchive>;
    await assert.rejects(load(made, files), { kind: 'corrupt', code: /archive-(file|manifest)/ });
    assert.deepEqual(await Array.fromAsync(made.engine.content.list()), []);
  });
}
