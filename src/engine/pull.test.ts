import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf, encodeManifest, mediaTypes, parseReference, type Platform } from '#oci';
import type { Registry } from '#registry';
import { composeImage, tarOf } from '../../test/support/compose-image.ts';
import { randomImage, type RandomImage } from '../../test/support/random-image.ts';
import { openTestEngine, store } from '../../test/support/test-engine.ts';
import { watched, watchedHost as host } from '../../test/support/watched-registry.ts';
import { inspectImage, listImages, pullAllTags, pullImage, type PullEvent } from './index.ts';

const arm64: Platform = { os: 'linux', architecture: 'arm64' };

async function putIndex(registry: Registry, repository: string, tag: string, images: readonly RandomImage[]) {
  for (const image of images) await store(registry, repository, image.descriptors.manifest.digest, image);
  const manifests = images.map(({ descriptors }) => descriptors.manifest);
  const bytes = encodeManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests });
  await registry.putManifest(repository, tag, { bytes, mediaType: mediaTypes.ociIndex });
  return digestOf(bytes);
}

test('a tag brings its image, byte for byte, under its name and its digest', async () => {
  await using made = await openTestEngine();
  const image = randomImage({ layers: 3 });
  await store(made.registry(host), 'a/b', '1', image);
  const events: PullEvent[] = [];
  const result = await pullImage(made.engine, parseReference(`${host}/a/b:1`), {
    report: (e) => events.push(e),
  });
  const { digest } = image.descriptors.manifest;
  assert.deepEqual(result, { digest, changed: true, mismatch: undefined });
  const details = await inspectImage(made.engine, `${host}/a/b:1`);
  assert.equal(details.record.id, image.imageId);
  assert.deepEqual(details.tags, [`${host}/a/b:1`]);
  assert.deepEqual(details.digests, [`${host}/a/b@${digest}`]);
  assert.deepEqual(details.manifest, {
    mediaType: mediaTypes.ociManifest,
    digest,
    size: image.manifest.length,
  });
  assert.deepEqual(
    details.record.layers.map((layer) => layer.diffId),
    image.diffIds,
  );
  for (const [bytes, at] of [
    [image.manifest, digest],
    [image.config, image.imageId],
  ] as const) {
    assert.deepEqual(Buffer.concat(await Array.fromAsync(made.engine.content.read(at))), Buffer.from(bytes));
  }
  assert.deepEqual(events[0], { type: 'pulling', reference: parseReference(`${host}/a/b:1`) });
  assert.deepEqual(events.at(-1), { type: 'pulled', digest });
  for (const { digest: blob } of image.descriptors.layers) {
    const states = events.flatMap((e) => (e.type === 'layer' && e.blob === blob ? [e.state] : []));
    assert.deepEqual(
      [...new Set(states)].filter((state) => state !== 'waiting' && state !== 'extracting'),
      ['queued', 'downloading', 'verifying', 'downloaded', 'complete'],
    );
  }
});

test('the event of a pull has the reference as its id and the repository as its name', async () => {
  await using made = await openTestEngine();
  await store(made.registry('docker.io'), 'library/b', 'latest', randomImage());
  await pullImage(made.engine, parseReference('b'));
  const [event] = made.engine.events.recent();
  assert.equal(event?.action, 'pull');
  assert.equal(event.id, 'b:latest');
  assert.deepEqual(event.attributes, { seed: '0', name: 'b' });
});

test('a digest brings its image, which has no tag then, even when a tag stands beside it', async () => {
  await using made = await openTestEngine();
  const image = randomImage();
  const { digest } = image.descriptors.manifest;
  await store(made.registry(host), 'b', '1', image);
  await pullImage(made.engine, parseReference(`${host}/b:1@${digest}`));
  const [summary] = await listImages(made.engine);
  assert.deepEqual(summary?.tags, []);
  assert.deepEqual(summary.digests, [`${host}/b@${digest}`]);
});

test('of an index comes the image for the engine, or for the platform that is asked for', async () => {
  await using made = await openTestEngine();
  const [ours, theirs] = [randomImage({ seed: 1 }), randomImage({ seed: 2, platform: arm64 })];
  const index = await putIndex(made.registry(host), 'b', '1', [theirs, ours]);
  const reference = parseReference(`${host}/b:1`);
  assert.equal((await pullImage(made.engine, reference)).digest, index);
  assert.equal((await inspectImage(made.engine, `${host}/b:1`)).record.id, ours.imageId);
  assert.deepEqual(await pullImage(made.engine, reference, { platform: arm64 }), {
    digest: index,
    changed: true,
    mismatch: undefined,
  });
  assert.equal((await inspectImage(made.engine, `${host}/b:1`)).record.id, theirs.imageId);
  assert.equal((await inspectImage(made.engine, `${host}/b@${index}`)).record.id, theirs.imageId);
});

test("an index without the platform is refused in docker's words", async () => {
  await using made = await openTestEngine();
  await putIndex(made.registry(host), 'b', '1', [randomImage()]);
  await assert.rejects(pullImage(made.engine, parseReference(`${host}/b:1`), { platform: arm64 }), {
    kind: 'not-found',
    code: 'platform-unknown',
    message: 'no matching manifest for linux/arm64 in the manifest list entries',
  });
});

test('a single image for another platform comes, and the caller is told', async () => {
  await using made = await openTestEngine();
  await store(made.registry(host), 'b', '1', randomImage());
  const { mismatch } = await pullImage(made.engine, parseReference(`${host}/b:1`), { platform: arm64 });
  assert.deepEqual(mismatch, { os: 'linux', architecture: 'amd64' });
});

test("what is not there is told in docker's words", async () => {
  await using made = await openTestEngine();
  await store(made.registry(host), 'b', '1', randomImage());
  await assert.rejects(pullImage(made.engine, parseReference(`${host}/b:2`)), {
    kind: 'not-found',
    code: 'manifest-unknown',
    message: `manifest for ${host}/b:2 not found: manifest unknown: manifest unknown`,
  });
  for (const pull of [pullImage, pullAllTags]) {
    await assert.rejects(pull(made.engine, parseReference(`${host}/none`)), {
      kind: 'not-found',
      code: 'name-unknown',
      message: `repository ${host}/none not found: name unknown: repository name not known to registry`,
    });
  }
});

test('scratch is no image, and the registry is not asked', async () => {
  await using made = await openTestEngine();
  await assert.rejects(pullImage(made.engine, parseReference('scratch')), {
    kind: 'forbidden',
    code: 'reference-reserved',
    message: "'scratch' is a reserved name",
  });
  assert.deepEqual(made.seenAuth, []);
});

test('an artifact is no image; an image of old with a vague config type is one', async () => {
  await using made = await openTestEngine();
  const layers = [{ tar: tarOf({ a: '1' }) }];
  const artifact = composeImage(layers, { configType: 'application/vnd.oci.empty.v1+json' });
  const old = composeImage(layers, { configType: 'application/octet-stream' });
  await store(made.registry(host), 'b', 'artifact', artifact);
  await store(made.registry(host), 'b', 'old', old);
  await assert.rejects(pullImage(made.engine, parseReference(`${host}/b:artifact`)), {
    kind: 'unsupported',
    code: 'not-an-image',
  });
  assert.equal((await pullImage(made.engine, parseReference(`${host}/b:old`))).changed, true);
});

test('an image without layers comes as any other', async () => {
  await using made = await openTestEngine();
  const empty = composeImage([]);
  await store(made.registry(host), 'b', '1', empty);
  await pullImage(made.engine, parseReference(`${host}/b:1`));
  const { record } = await inspectImage(made.engine, `${host}/b:1`);
  assert.deepEqual([record.id, record.size, record.layers], [empty.imageId, 0, []]);
});

test('an image that has the same layer twice downloads it once', async () => {
  await using made = await openTestEngine();
  const layer = { tar: tarOf({ a: '1' }) };
  const image = composeImage([layer, { tar: tarOf({ b: '2' }) }, layer]);
  await store(made.registry(host), 'b', '1', image);
  const { engine, asked } = watched(made);
  await pullImage(engine, parseReference(`${host}/b:1`));
  assert.equal(asked.filter((digest) => digest === image.descriptors.layers[0]?.digest).length, 1);
  assert.equal((await inspectImage(engine, `${host}/b:1`)).record.layers.length, 3);
});

test('pulling again says nothing of layers, asks for no blob, and changes nothing', async () => {
  await using made = await openTestEngine();
  await store(made.registry(host), 'b', '1', randomImage());
  const { engine, asked } = watched(made);
  const reference = parseReference(`${host}/b:1`);
  await pullImage(engine, reference);
  asked.length = 0;
  const events: string[] = [];
  const again = await pullImage(engine, reference, { report: ({ type }) => events.push(type) });
  assert.equal(again.changed, false);
  assert.deepEqual(events, ['pulling', 'pulled']);
  assert.deepEqual(asked, []);
});

test('another index around the same image is no change', async () => {
  await using made = await openTestEngine();
  const ours = randomImage({ seed: 1 });
  const reference = parseReference(`${host}/b:1`);
  await putIndex(made.registry(host), 'b', '1', [ours]);
  await pullImage(made.engine, reference);
  const index = await putIndex(made.registry(host), 'b', '1', [
    ours,
    randomImage({ seed: 2, platform: arm64 }),
  ]);
  assert.deepEqual(await pullImage(made.engine, reference), {
    digest: index,
    changed: false,
    mismatch: undefined,
  });
});

test('a tag that moved takes its name along; the image before keeps its digest only', async () => {
  await using made = await openTestEngine();
  const [before, after] = [randomImage({ seed: 1 }), randomImage({ seed: 2 })];
  const reference = parseReference(`${host}/b:1`);
  for (const image of [before, after]) {
    await store(made.registry(host), 'b', '1', image);
    assert.equal((await pullImage(made.engine, reference)).changed, true);
  }
  assert.equal((await inspectImage(made.engine, `${host}/b:1`)).record.id, after.imageId);
  assert.deepEqual((await inspectImage(made.engine, before.imageId)).tags, []);
});

test('two images pulled at once download the layers that they share once', async () => {
  await using made = await openTestEngine();
  const [shared, one, two] = ['shared', 'one', 'two'].map((name) => ({ tar: tarOf({ [name]: name }) }));
  const images = [composeImage([shared!, one!]), composeImage([two!, shared!])];
  for (const [n, image] of images.entries()) await store(made.registry(host), 'b', String(n), image);
  const { engine, asked } = watched(made);
  await Promise.all(images.map((_, n) => pullImage(engine, parseReference(`${host}/b:${n}`))));
  assert.equal(new Set(asked).size, asked.length);
  assert.equal((await listImages(engine)).length, 2);
});

test('one image pulled twice at once is downloaded once, and both pulls succeed', async () => {
  await using made = await openTestEngine({
    limits: { concurrentDownloads: 1, concurrentUploads: 1, downloadAttempts: 1 },
  });
  await store(made.registry(host), 'b', '1', randomImage({ layers: 4 }));
  const { engine, asked } = watched(made);
  const reference = parseReference(`${host}/b:1`);
  await Promise.all([
    pullImage(engine, reference),
    pullImage(engine, reference),
    pullImage(engine, reference),
  ]);
  assert.equal(new Set(asked).size, asked.length);
});

test('all tags of a repository come', async () => {
  await using made = await openTestEngine();
  for (const seed of [1, 2]) await store(made.registry(host), 'b', `t${seed}`, randomImage({ seed }));
  const all = parseReference(`${host}/b`);
  assert.deepEqual(await pullAllTags(made.engine, all), { changed: true });
  assert.deepEqual((await listImages(made.engine)).flatMap(({ tags }) => tags).sort(), [
    `${host}/b:t1`,
    `${host}/b:t2`,
  ]);
  assert.deepEqual(await pullAllTags(made.engine, all), { changed: false });
});

test('one image by two manifests keeps the blobs of both', async () => {
  await using made = await openTestEngine();
  const tar = tarOf({ a: 'x'.repeat(5000) });
  const [fast, small] = [1, 9].map((level) =>
    composeImage([{ tar, blob: gzipSync(tar, { level }), mediaType: mediaTypes.ociLayerGzip }]),
  );
  assert.equal(fast!.imageId, small!.imageId);
  assert.notEqual(fast!.descriptors.layers[0]!.digest, small!.descriptors.layers[0]!.digest);
  await store(made.registry(host), 'b', 'fast', fast!);
  await store(made.registry(host), 'b', 'small', small!);
  await pullAllTags(made.engine, parseReference(`${host}/b`));
  const { record } = await inspectImage(made.engine, `${host}/b:fast`);
  for (const image of [fast!, small!]) {
    assert.ok(record.content.includes(image.descriptors.manifest.digest));
    assert.ok(record.content.includes(image.descriptors.layers[0]!.digest));
  }
});
