import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { randomImage } from '../../test/support/random-image.ts';
import { digestOf, parseImageConfig, parseManifest } from './index.ts';

test('a random image holds together from its manifest to its layers', () => {
  const image = randomImage({ layers: 3, seed: 7 });
  const manifest = parseManifest(image.manifest, image.descriptors.manifest.mediaType);
  assert.ok(manifest.kind === 'manifest');
  assert.equal(manifest.config.digest, image.imageId);
  assert.equal(digestOf(image.config), image.imageId);
  assert.equal(digestOf(image.manifest), image.descriptors.manifest.digest);
  assert.deepEqual(manifest.layers, image.descriptors.layers);
  assert.deepEqual(
    manifest.layers.map(({ digest, size }) => ({ digest, size })),
    image.layers.map((bytes) => ({ digest: digestOf(bytes), size: bytes.length })),
  );
  const config = parseImageConfig(image.config);
  assert.deepEqual(
    config.diffIds,
    image.layers.map((bytes) => digestOf(gunzipSync(bytes))),
  );
  assert.equal(config.history.length, 3);
});

test('equal seeds make equal images, and others share nothing', () => {
  assert.deepEqual(randomImage({ seed: 1 }), randomImage({ seed: 1 }));
  const [one, two] = [randomImage({ seed: 1 }), randomImage({ seed: 2 })];
  assert.equal(new Set([...one.diffIds, ...two.diffIds]).size, 4);
  assert.notEqual(one.imageId, two.imageId);
});
