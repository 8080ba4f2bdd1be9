import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findError } from '#errors';
import type { ImageId } from '#oci';
import { openMetadata, type Change, type ImageRecord, type NameRecord } from './index.ts';
import { digest, image, imageId } from './metadata.suite.ts';

interface Model {
  images: Map<ImageId, ImageRecord>;
  names: Map<string, NameRecord>;
  sources: readonly string[];
}

/** `model` after `change`, or undefined when the change is refused. */
function apply(model: Model, change: Change): Model | undefined {
  const images = new Map(model.images);
  const names = new Map(model.names);
  let { sources } = model;
  if ('put' in change) {
    if (change.put === 'image') images.set(change.image.id, change.image);
    if (change.put === 'name') {
      const tagged = images.get(change.name.image);
      if (tagged === undefined) return undefined;
      images.set(tagged.id, { ...tagged, lastTagged: change.at });
      names.set(change.name.name, change.name);
    }
    if (change.put === 'source') {
      sources = [change.repository, ...sources.filter((source) => source !== change.repository)];
    }
  } else if (change.remove === 'image') {
    images.delete(change.id);
    for (const { name, image: of } of names.values()) if (of === change.id) names.delete(name);
  } else if (change.remove === 'name') {
    names.delete(change.name);
  }
  return { images, names, sources };
}

const letter = fc.constantFrom('a', 'b', 'c');
const blob = digest('blob');
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(letter, fc.nat(), letter).map(([of, size, parent]): Change => ({
    put: 'image',
    image: image(of, { size, parent: imageId(parent) }),
  })),
  letter.map((of): Change => ({ remove: 'image', id: imageId(of) })),
  fc.tuple(letter, letter, fc.nat()).map(([name, of, at]): Change => ({
    put: 'name',
    name: { name, image: imageId(of), target: digest(of) },
    at,
  })),
  letter.map((name): Change => ({ remove: 'name', name })),
  letter.map((repository): Change => ({ put: 'source', blob, repository })),
);

const sorted = <T>(map: Map<string, T>): T[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);

test('any sequence of commits leaves what a plain model of it leaves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }), async (commits) => {
      await using metadata = await openMetadata({ path: ':memory:' });
      let model: Model = { images: new Map(), names: new Map(), sources: [] };
      for (const changes of commits) {
        const after = changes.reduce<Model | undefined>(
          (before, next) => before && apply(before, next),
          model,
        );
        if (after === undefined) {
          await assert.rejects(
            metadata.commit(changes),
            (error) => findError(error, { code: 'image-not-found' }) !== undefined,
          );
        } else {
          await metadata.commit(changes);
          model = after;
        }
        assert.deepEqual(await metadata.images(), sorted(model.images));
        assert.deepEqual(await metadata.names(), sorted(model.names));
      }
      assert.deepEqual(await metadata.sources(blob), model.sources);
      const { images } = model;
      for (const text of ['a', 'b', 'c']) {
        assert.deepEqual(await metadata.image(imageId(text)), images.get(imageId(text)));
        const children = sorted(images).filter(({ parent }) => parent === imageId(text));
        assert.deepEqual(
          await metadata.children(imageId(text)),
          children.map(({ id }) => id),
        );
      }
      const needed = sorted(images).flatMap(({ content }) => content);
      assert.deepEqual(await metadata.sweep(needed, 0, () => Promise.reject(new Error('needed'))), []);
    }),
    { numRuns: 60 },
  );
});
