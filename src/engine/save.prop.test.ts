import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseReference } from '#oci';
import { composeImage, streamOf, tarOf, type ComposedLayer } from '../../test/support/compose-image.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import { listImages, loadImages, pullAllTags, saveImages } from './index.ts';

const layer = fc
  .record({ name: fc.constantFrom('a', 'b', 'c'), plain: fc.boolean() })
  .map(({ name, plain }): ComposedLayer => {
    const tar = tarOf({ [name]: name });
    return plain ? { tar, blob: tar } : { tar };
  });
const repository = fc.dictionary(
  fc.constantFrom('1', '2', 'latest', '__proto__', 'x.y-z'),
  fc.array(layer, { maxLength: 4 }).map((layers) => composeImage(layers)),
  { minKeys: 1 },
);

async function facts({ engine }: TestEngine): Promise<unknown> {
  const images = await listImages(engine, { all: true });
  return images.map(({ tags, record: { id, manifest, layers, size } }) => ({
    tags,
    id,
    manifest,
    layers,
    size,
  }));
}

test('whatever images a repository has, they come through an archive with every digest', async () => {
  await fc.assert(
    fc.asyncProperty(repository, fc.integer({ min: 100, max: 5000 }), async (images, pieceSize) => {
      await using first = await openTestEngine();
      await using second = await openTestEngine();
      for (const [tag, image] of Object.entries(images)) {
        await store(first.registry('r.example'), 'b', tag, image);
      }
      await pullAllTags(first.engine, parseReference('r.example/b'));
      const save = async ({ engine }: TestEngine) =>
        Buffer.concat(await Array.fromAsync(await saveImages(engine, ['r.example/b'])));
      const archive = await save(first);
      await loadImages(second.engine, streamOf(archive, pieceSize));
      assert.deepEqual(await facts(second), await facts(first));
      assert.ok(archive.equals(await save(second)));
    }),
    { numRuns: 5 },
  );
});
