import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, encodeManifest, mediaTypes, parseReference, type Platform } from '#oci';
import { composeImage, streamOf, tarOf } from '../../test/support/compose-image.ts';
import { randomImage } from '../../test/support/random-image.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import { inspectImage, listImages, loadImages, pullImage, saveImages, tagImage } from './index.ts';

const host = 'r.example';
const name = `${host}/m:1`;
const amd64: Platform = { os: 'linux', architecture: 'amd64' };
const arm64: Platform = { os: 'linux', architecture: 'arm64' };
const [arm, amd] = [randomImage({ seed: 1, platform: arm64 }), randomImage({ seed: 2, platform: amd64 })];
const bytes = encodeManifest({
  kind: 'index',
  mediaType: mediaTypes.ociIndex,
  manifests: [arm.descriptors.manifest, amd.descriptors.manifest],
});

async function publish(made: TestEngine): Promise<void> {
  const registry = made.registry(host);
  for (const image of [arm, amd]) await store(registry, 'm', image.descriptors.manifest.digest, image);
  await registry.putManifest('m', '1', { bytes, mediaType: mediaTypes.ociIndex });
}

async function save({ engine }: TestEngine, names: readonly string[], platform?: Platform): Promise<Buffer> {
  const options = platform === undefined ? {} : { platform };
  const chunks: Uint8Array[] = [];
  for await (const chunk of await saveImages(engine, names, options)) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

test('an index goes through an archive whole, and so does each of its images', async () => {
  await using made = await openTestEngine();
  await publish(made);
  await pullImage(made.engine, parseReference(name), { platforms: 'all' });
  await using other = await openTestEngine();
  await loadImages(other.engine, streamOf(await save(made, [name])));
  assert.equal((await other.engine.metadata.name(name))?.target, digestOf(bytes));
  assert.equal((await inspectImage(other.engine, name)).record.id, amd.imageId);
  assert.equal((await inspectImage(other.engine, name, { platform: arm64 })).record.id, arm.imageId);
  assert.equal((await listImages(other.engine)).length, 1);
});

test('a platform is saved alone, and loaded alone', async () => {
  await using made = await openTestEngine();
  await publish(made);
  await pullImage(made.engine, parseReference(name), { platforms: 'all' });
  await using other = await openTestEngine();
  await loadImages(other.engine, streamOf(await save(made, [name], arm64)));
  const target = (await other.engine.metadata.name(name))?.target;
  assert.equal(target, arm.descriptors.manifest.digest);
  await using third = await openTestEngine();
  await loadImages(third.engine, streamOf(await save(made, [name])), { platform: arm64 });
  assert.deepEqual(
    (await third.engine.metadata.images()).map(({ id }) => id),
    [arm.imageId],
  );
  await assert.rejects(save(made, [name], { os: 'linux', architecture: 's390x' }), {
    message: 'no suitable export target found for platform linux/s390x',
  });
});

test('stores that were filled in another order, on another machine, save the same bytes', async () => {
  const layer = { tar: tarOf({ a: '1' }) };
  const one = composeImage([layer]);
  // The same image by a manifest of docker's types.
  const { config, layers } = one.descriptors;
  const mediaType = mediaTypes.dockerManifest;
  const manifest = encodeManifest({ kind: 'manifest', mediaType, config, layers: [...layers] });
  const again = {
    ...one,
    manifest,
    descriptors: {
      ...one.descriptors,
      manifest: { mediaType, digest: digestOf(manifest), size: manifest.length },
    },
  };
  const names = [`${host}/one:1`, `${host}/one:2`, name];
  const archives: Buffer[] = [];
  for (const [platform, order] of [
    [amd64, names],
    [arm64, names.toReversed()],
  ] as const) {
    await using made = await openTestEngine({ platform });
    await publish(made);
    await store(made.registry(host), 'one', '1', one);
    await store(made.registry(host), 'one', '2', again);
    for (const each of order) {
      await pullImage(made.engine, parseReference(each), each === name ? { platforms: [arm64, amd64] } : {});
    }
    await tagImage(made.engine, name, parseReference(`${host}/one:multi`));
    archives.push(await save(made, [`${host}/one`, name]));
  }
  assert.ok(archives[0]?.equals(archives[1] ?? Buffer.alloc(0)));
});

test('platforms that were pulled one after the other do not go together', async () => {
  await using made = await openTestEngine();
  await publish(made);
  for (const platform of [arm64, amd64]) await pullImage(made.engine, parseReference(name), { platform });
  await using other = await openTestEngine();
  await loadImages(other.engine, streamOf(await save(made, [name])));
  assert.deepEqual(
    (await other.engine.metadata.images()).map(({ id }) => id),
    [amd.imageId],
  );
  assert.equal((await other.engine.metadata.name(name))?.target, amd.descriptors.manifest.digest);
});
