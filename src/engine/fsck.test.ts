import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { test } from 'node:test';
import { type Digest, parseReference } from '#oci';
import { composeImage, tarOf } from '../../test/support/compose-image.ts';
import { createFakeUnpacker, openFakeSnapshots } from '../../test/support/fake-snapshots.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import type { Engine } from './engine.ts';
import { fsck, type FsckOptions } from './fsck.ts';
import { importImage } from './import.ts';
import { pullImage } from './pull.ts';

const name = 'registry.test/team/app:1';
const image = composeImage([
  { tar: tarOf({ base: 'base' }) },
  { tar: tarOf({ 'in/side': 'depends' }) },
  { tar: tarOf({ top: 'top' }) },
]);
const { config, layers, manifest } = image.descriptors;
const blobs = [manifest, config, ...layers].map(({ digest }) => digest);

async function pulled(overrides: Partial<Engine> = {}): Promise<TestEngine> {
  const opened = await openTestEngine(overrides);
  await store(opened.registry('registry.test'), 'team/app', '1', image);
  await pullImage(opened.engine, parseReference(name));
  return opened;
}

async function found(engine: Engine, options?: FsckOptions): Promise<string[]> {
  const { findings } = await fsck(engine, options);
  return findings.map(({ code, digest, state, images }) => `${code} ${digest} ${state} ${images.join()}`);
}

/** Another byte in the middle, the same size. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 0xff;
  writeFileSync(path, bytes);
}

test('a store that is as it should be has no findings', async () => {
  await using opened = await pulled();
  assert.deepEqual(await fsck(opened.engine, { deep: true }), { images: 1, blobs: 5, findings: [] });
});

test('each blob of an image that is damaged is noticed, with the image, and fetched again', async () => {
  await using opened = await pulled();
  const { engine } = opened;
  for (const digest of blobs) {
    damage(engine.content.pathOf(digest)!);
    assert.deepEqual(await found(engine, { deep: true }), [`blob-damaged ${digest} found ${name}`]);
    assert.deepEqual(await found(engine, { deep: true, repair: true }), [
      `blob-damaged ${digest} repaired ${name}`,
    ]);
    assert.deepEqual(await found(engine, { deep: true }), []);
  }
});

test('each blob that is missing is noticed without reading, and fetched again', async () => {
  await using opened = await pulled();
  for (const digest of blobs) {
    await unlink(opened.engine.content.pathOf(digest)!);
    assert.deepEqual(await found(opened.engine, { repair: true }), [
      `blob-missing ${digest} repaired ${name}`,
    ]);
    assert.deepEqual(await found(opened.engine), []);
  }
});

test('a layer that was cut off is noticed by its size alone', async () => {
  await using opened = await pulled();
  truncateSync(opened.engine.content.pathOf(layers[1]!.digest)!, 10);
  assert.deepEqual(await found(opened.engine), [`fact-differs ${layers[1]!.digest} found ${name}`]);
});

test('what no repository has any more is told, and the image keeps its name', async () => {
  await using opened = await openTestEngine();
  const { engine } = opened;
  const tar = tarOf({ file: 'own' });
  const source = (async function* () {
    yield tar;
  })();
  const id = await importImage(engine, source, { source: '-', reference: parseReference('own') });
  const layer = (await engine.metadata.image(id))!.layers[0]!.blob;
  damage(engine.content.pathOf(layer)!);
  const { findings } = await fsck(engine, { deep: true, repair: true });
  assert.equal(findings[0]?.state, 'unrepaired');
  assert.match(findings[0].reason ?? '', /no known repository gives sha256:.*; pull or load the image again/);
  assert.equal((await engine.metadata.names()).length, 1);
  assert.deepEqual(await found(engine), [`blob-missing ${layer} found own:latest`]);
});

test('what is remembered of a layer is compared with its bytes', async () => {
  await using opened = await pulled();
  const { engine } = opened;
  const blob = layers[0]!.digest;
  const right = (await engine.metadata.blob(blob))!;
  for (const [wrong, deep] of [
    [{ ...right, diffId: image.diffIds[1]! }, false],
    [{ ...right, tarSize: 7 }, true],
    [{ ...right, size: 7 }, true],
  ] as const) {
    await engine.metadata.commit([{ put: 'blob', blob: wrong }]);
    assert.deepEqual(await found(engine, { deep, repair: true }), [`fact-differs ${blob} repaired ${name}`]);
    assert.deepEqual(await engine.metadata.blob(blob), right);
  }
});

test('a record that tells of other layers is made again from the documents', async () => {
  await using opened = await pulled();
  const { metadata } = opened.engine;
  const [right] = await metadata.images();
  await metadata.commit([{ put: 'image', image: { ...right!, layers: right!.layers.slice(1) } }]);
  assert.deepEqual(await found(opened.engine, { repair: true }), [
    `record-differs ${right!.id} repaired ${name}`,
  ]);
  assert.deepEqual((await metadata.images())[0]?.layers, right!.layers);
});

test('unpacked layers that are gone are made again, dependent ones above those below them', async () => {
  await using snapshots = await openFakeSnapshots();
  const unpacking = { snapshots, when: 'eager' } as const;
  await using opened = await pulled({ unpacking, unpacker: createFakeUnpacker([]) });
  const { engine } = opened;
  const keys: Digest[] = [];
  for await (const { key } of snapshots.list()) keys.push(key);
  assert.equal(keys.length, 3);
  for (const key of keys) await snapshots.remove(key);
  assert.equal((await found(engine)).length, 3);
  const repaired = await found(engine, { deep: true, repair: true });
  assert.deepEqual(
    repaired.map((line) => line.split(' ')[2]),
    ['repaired', 'repaired', 'repaired'],
  );
  assert.deepEqual(await found(engine, { deep: true }), []);
});

test('a damaged blob that no image needs is noticed, and removed', async () => {
  await using opened = await pulled();
  const { content, metadata } = opened.engine;
  const [record] = await metadata.images();
  await metadata.commit([{ remove: 'image', id: record!.id }]);
  damage(content.pathOf(layers[0]!.digest)!);
  assert.deepEqual(await found(opened.engine, { deep: true, repair: true }), [
    `blob-damaged ${layers[0]!.digest} repaired `,
  ]);
  assert.equal(await content.stat(layers[0]!.digest), undefined);
});

test('an abort ends it', async () => {
  await using opened = await pulled();
  await assert.rejects(fsck(opened.engine, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});
