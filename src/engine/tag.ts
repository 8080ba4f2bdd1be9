import { GantryError } from '#errors';
import { canonicalString, familiarName, familiarString, type Reference, withDefaultTag } from '#oci';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { resolveImage } from './resolve.ts';

/**
 * Gives the image `source` the name `target`; a name that exists moves. The name stands for all that `source` stands
 * for: an index stays whole.
 *
 * @throws not-found `image-not-found`; invalid-argument `reference-digest` when `target` has a digest,
 *   `reference-ambiguous` when its name is a digest algorithm
 */
export async function tagImage(engine: Engine, source: string, target: Reference): Promise<void> {
  const tagged = taggable(target);
  const { image, target: stands } = await resolveImage(engine, source);
  await engine.metadata.commit([
    {
      put: 'name',
      name: { name: canonicalString(tagged), image: image.id, target: stands },
      at: engine.clock(),
    },
  ]);
  engine.events.publish(imageEvent(engine, 'tag', image, familiarString(tagged)));
}

/** `reference` as a name with a tag. @throws as `tagImage` */
export function taggable(reference: Reference): Reference {
  if (reference.digest !== undefined) {
    throw new GantryError(
      'invalid-argument',
      'reference-digest',
      'refusing to create a tag with a digest reference',
      {
        subject: { reference: familiarString(reference) },
      },
    );
  }
  // moby refstore/store.go: such a name could not be told from a digest.
  if (familiarName(reference) === 'sha256') {
    throw new GantryError(
      'invalid-argument',
      'reference-ambiguous',
      'refusing to create an ambiguous tag using digest algorithm as name',
    );
  }
  return withDefaultTag(reference);
}
