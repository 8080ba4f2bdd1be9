import type { ImageRecord, NameRecord } from '#metadata';
import type { Digest } from '#oci';
import type { Engine } from './engine.ts';

/**
 * Tells the images that have no name of their own but came with one: a name points to one image of its index, and
 * that image's record lists the manifests of the others that were brought with it.
 */
export function siblingsAmong(
  images: readonly ImageRecord[],
  names: readonly NameRecord[],
): (image: ImageRecord) => boolean {
  const byId = new Map(images.map((image) => [image.id, image]));
  const named = new Set(names.map((name) => name.image));
  const held = new Map<Digest, Set<Digest>>();
  for (const { image: id, target } of names) {
    const image = byId.get(id);
    if (image === undefined || image.manifest === target) continue;
    held.set(target, (held.get(target) ?? new Set()).union(new Set(image.content)));
  }
  return ({ id, manifest, content }) =>
    !named.has(id) && content.some((target) => held.get(target)?.has(manifest) === true);
}

/** The images that came with `image` under one of `targets`, and are here. */
export async function siblingsOf(
  engine: Engine,
  image: ImageRecord,
  targets: readonly Digest[],
): Promise<readonly ImageRecord[]> {
  const siblings: ImageRecord[] = [];
  for (const target of new Set(targets)) {
    if (target === image.manifest) continue;
    for (const id of await engine.metadata.imagesByContent(target)) {
      const other = id === image.id ? undefined : await engine.metadata.image(id);
      if (other !== undefined && image.content.includes(other.manifest)) siblings.push(other);
    }
  }
  return [...new Map(siblings.map((sibling) => [sibling.id, sibling])).values()];
}
