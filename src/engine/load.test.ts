import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { digestHex, digestOf, mediaTypes, type Descriptor, type Platform } from '#oci';
import { composeImage, tarOf } from '../../test/support/compose-image.ts';
import {
  blob,
  blobs,
  dockerArchive,
  index,
  list,
  load,
  plainImage,
} from '../../test/support/image-archives.ts';
import { randomImage } from '../../test/support/random-image.ts';
import { openTestEngine } from '../../test/support/test-engine.ts';
import { inspectImage, listImages, loadImages, type LoadEvent } from './index.ts';

const arm64: Platform = { os: 'linux', architecture: 'arm64' };

function loaded(events: readonly LoadEvent[]): (string | undefined)[] {
  return events.flatMap((event) =>
    event.type === 'loaded'
      ? [event.tag === undefined ? event.id : `${event.tag.path}:${event.tag.tag ?? ''}`]
      : [],
  );
}

test('an archive of docker 28 comes with its plain layers and its own manifest', async () => {
  await using made = await openTestEngine();
  const events = await load(made, dockerArchive(plainImage));
  assert.deepEqual(loaded(events), ['library/b:1']);
  const { record, manifest } = await inspectImage(made.engine, 'b:1');
  assert.equal(record.id, plainImage.imageId);
  assert.equal(manifest.digest, plainImage.descriptors.manifest.digest);
  assert.deepEqual(
    record.layers.map((layer) => [layer.blob, layer.diffId]),
    plainImage.diffIds.map((id) => [id, id]),
  );
  const kept = (await Array.fromAsync(made.engine.content.list())).map(({ digest }) => digest);
  assert.deepEqual(kept.sort(), [manifest.digest, record.id, ...plainImage.diffIds].sort());
});

test('an archive of docker 20 comes: layers in folders, equal ones as links', async () => {
  await using made = await openTestEngine();
  const tar = tarOf({ a: 'a' });
  const image = composeImage([
    { tar, blob: tar },
    { tar: tarOf({ b: 'b' }), blob: tarOf({ b: 'b' }) },
    { tar, blob: tar },
  ]);
  const config = `${digestHex(image.imageId)}.json`;
  const layers = ['one/layer.tar', 'two/layer.tar', 'three/layer.tar'];
  const events = await load(made, {
    'one/': '',
    'one/VERSION': '1.0',
    'one/json': '{}',
    'one/layer.tar': tar,
    'two/': '',
    'two/layer.tar': image.layers[1]!,
    'three/layer.tar': { link: '../one/layer.tar' },
    [config]: image.config,
    'manifest.json': JSON.stringify([{ Config: config, RepoTags: ['b:1', 'r.example/c:2'], Layers: layers }]),
    repositories: '{}',
  });
  assert.deepEqual(loaded(events), ['library/b:1', 'c:2']);
  const { record } = await inspectImage(made.engine, 'r.example/c:2');
  assert.equal(record.id, image.imageId);
  assert.deepEqual(
    record.layers.map(({ diffId }) => diffId),
    image.diffIds,
  );
});

test('an archive without manifests gets the same one each time', async () => {
  const digests = await Promise.all(
    [1, 2].map(async () => {
      await using made = await openTestEngine();
      await load(made, { ...blobs(plainImage), 'manifest.json': JSON.stringify([list(plainImage)]) });
      return (await inspectImage(made.engine, 'b:1')).manifest.digest;
    }),
  );
  assert.equal(digests[0], digests[1]);
});

test('an OCI layout comes by its index: names by annotation, of nested indexes all images', async () => {
  await using made = await openTestEngine();
  const [ours, theirs, single] = [
    randomImage({ seed: 1 }),
    randomImage({ seed: 2, platform: arm64 }),
    randomImage({ seed: 3 }),
  ];
  const nested = index([theirs.descriptors.manifest, ours.descriptors.manifest]);
  const named = (descriptor: Descriptor, name: string, key = 'io.containerd.image.name') => ({
    ...descriptor,
    annotations: { [key]: name },
  });
  const events = await load(made, {
    ...blobs(ours),
    ...blobs(theirs),
    ...blobs(single),
    [blob(nested)]: nested,
    'index.json': index([
      named(
        { mediaType: mediaTypes.ociIndex, digest: digestOf(nested), size: nested.length },
        'docker.io/library/n:1',
      ),
      named(single.descriptors.manifest, 'docker.io/library/s:1'),
      named(single.descriptors.manifest, 'r.example/s:2', 'org.opencontainers.image.ref.name'),
      named(single.descriptors.manifest, 'latest', 'org.opencontainers.image.ref.name'),
      named(single.descriptors.manifest, 'A title: with/spaces', 'org.opencontainers.image.ref.name'),
    ]),
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
  });
  assert.deepEqual(loaded(events), ['library/n:1', 'library/s:1', 's:2']);
  assert.equal((await inspectImage(made.engine, 'n:1')).record.id, ours.imageId);
  assert.equal((await listImages(made.engine)).length, 2);
  const { record } = await inspectImage(made.engine, 'n:1', { platform: arm64 });
  assert.equal(record.id, theirs.imageId);
  assert.equal((await made.engine.metadata.name('docker.io/library/n:1'))?.target, digestOf(nested));
});

test('attestations, artifacts and what the archive does not have are passed over', async () => {
  await using made = await openTestEngine();
  const image = randomImage({ seed: 1 });
  const attestation = composeImage([], { config: { os: 'unknown' } });
  const artifact = composeImage([], { configType: 'application/vnd.oci.empty.v1+json' });
  const absent = randomImage({ seed: 9 });
  const marked = {
    ...attestation.descriptors.manifest,
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  };
  const nested = index([marked, absent.descriptors.manifest]);
  const events = await load(made, {
    ...blobs(image),
    ...blobs(attestation),
    ...blobs(artifact),
    [blob(nested)]: nested,
    'index.json': index([
      { mediaType: mediaTypes.ociIndex, digest: digestOf(nested), size: nested.length },
      marked,
      artifact.descriptors.manifest,
      absent.descriptors.manifest,
      { ...image.descriptors.manifest, mediaType: 'text/plain' },
      image.descriptors.manifest,
    ]),
  });
  assert.deepEqual(loaded(events), [image.imageId]);
});

test('indexes that name each other many times are read once', { timeout: 10_000 }, async () => {
  await using made = await openTestEngine();
  const absent = randomImage().descriptors.manifest;
  const files: Record<string, Uint8Array> = {};
  let inner = index([absent]);
  for (let level = 0; level < 3; level++) {
    files[blob(inner)] = inner;
    const child = { mediaType: mediaTypes.ociIndex, digest: digestOf(inner), size: inner.length };
    inner = index(Array.from({ length: 1000 }, () => child));
  }
  assert.deepEqual(await load(made, { ...files, 'index.json': inner }), []);
});

test('a platform chooses among the images of an archive; none is no error', async () => {
  const [ours, theirs] = [randomImage({ seed: 1 }), randomImage({ seed: 2, platform: arm64 })];
  const nested = index([ours.descriptors.manifest, theirs.descriptors.manifest]);
  const files = {
    ...blobs(ours),
    ...blobs(theirs),
    [blob(nested)]: nested,
    'index.json': index([{ mediaType: mediaTypes.ociIndex, digest: digestOf(nested), size: nested.length }]),
  };
  await using made = await openTestEngine();
  assert.deepEqual(loaded(await load(made, files, { platform: arm64 })), [theirs.imageId]);
  assert.deepEqual(
    await load(made, dockerArchive(plainImage), { platform: { os: 'linux', architecture: 's390x' } }),
    [],
  );
  const withoutManifest = { ...blobs(plainImage), 'manifest.json': JSON.stringify([list(plainImage)]) };
  assert.deepEqual(await load(made, withoutManifest, { platform: arm64 }), []);
  const kept = (await Array.fromAsync(made.engine.content.list())).length;
  assert.equal(kept, 3 + theirs.layers.length, 'the index stays, and nothing of the others');
});

/** By the machine's program, which this needs as the product does. */
function packedBy(program: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => execFileSync(program, ['-c'], { input: bytes });
}

for (const [name, compress] of [
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
  ['xz', packedBy('xz')],
  ['bzip2', packedBy('bzip2')],
] as const) {
  test(`an archive in ${name} comes, and so does a layer`, async () => {
    await using made = await openTestEngine();
    const tar = tarOf({ a: 'a' });
    const image = composeImage([{ tar, blob: compress(tar) }]);
    await load(made, compress(tarOf({ ...blobs(image), 'manifest.json': JSON.stringify([list(image)]) })));
    const { record } = await inspectImage(made.engine, 'b:1');
    assert.deepEqual(
      record.layers.map((layer) => [layer.blob, layer.diffId]),
      [[digestOf(image.layers[0]!), digestOf(tar)]],
    );
  });
}

test('a layer of no bytes is a layer', async () => {
  await using made = await openTestEngine();
  const nothing = new Uint8Array();
  const image = composeImage([{ tar: nothing, blob: nothing }]);
  await load(made, { ...blobs(image), 'manifest.json': JSON.stringify([list(image)]) });
  assert.equal((await inspectImage(made.engine, 'b:1')).record.layers.length, 1);
});

test('a tag that exists moves, and says so; the image before stays without it', async () => {
  await using made = await openTestEngine();
  const [before, after] = [randomImage({ seed: 1 }), randomImage({ seed: 2 })];
  await load(made, dockerArchive(before));
  const events = await load(made, dockerArchive(after));
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'moved' ? [event.from] : [])),
    [before.imageId],
  );
  assert.deepEqual((await inspectImage(made.engine, before.imageId)).tags, []);
  assert.deepEqual(
    (await load(made, dockerArchive(after))).map(({ type }) => type),
    ['loaded'],
    'a second time nothing moves',
  );
});

test('an image without tags is loaded by its id', async () => {
  for (const tags of [null, []]) {
    await using made = await openTestEngine();
    assert.deepEqual(loaded(await load(made, dockerArchive(plainImage, tags))), [plainImage.imageId]);
  }
});

test('an empty list loads nothing', async () => {
  await using made = await openTestEngine();
  assert.deepEqual(await load(made, { 'manifest.json': '[]' }), []);
});

test('the images before one that fails are there', async () => {
  await using made = await openTestEngine();
  const good = randomImage();
  const files = {
    ...blobs(good),
    'manifest.json': JSON.stringify([list(good), { Config: blob(good.config), Layers: [] }]),
  };
  await assert.rejects(load(made, files), { code: 'layers-mismatch' });
  assert.equal((await listImages(made.engine)).length, 1);
  assert.equal((await inspectImage(made.engine, 'b:1')).record.id, good.imageId);
});

test('an abort ends the load, and nothing of it stays', async () => {
  await using made = await openTestEngine();
  const abort = new AbortController();
  const archive = tarOf(dockerArchive(plainImage));
  async function* breaksOff(): AsyncGenerator<Uint8Array> {
    yield archive.subarray(0, 3000);
    abort.abort(new Error('enough'));
    yield archive.subarray(3000);
  }
  await assert.rejects(loadImages(made.engine, breaksOff(), { signal: abort.signal }), { message: 'enough' });
  assert.deepEqual(await Array.fromAsync(made.engine.content.list()), []);
});
