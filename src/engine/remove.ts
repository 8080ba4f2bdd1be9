import { GantryError } from '#errors';
import type { ImageRecord, NameRecord } from '#metadata';
import { canonicalName, type Digest, familiarString, parseReference, shortId } from '#oci';
import { digestsOf, sweep } from './collect.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { resolveImage } from './resolve.ts';

/** One thing that a removal did, in the order it was done. */
export type Removal =
  | { readonly untagged: string }
  /** An image id, or the chain id of a layer that no image has any more. */
  | { readonly deleted: Digest };

/**
 * Takes a name off an image; with the last name, or by id, removes the image, its untagged parents and the layers
 * that nothing else needs (moby daemon/images/image_delete.go).
 *
 * @throws not-found `image-not-found`; conflict `image-has-children`, `image-has-names`
 */
export async function removeImage(
  engine: Engine,
  text: string,
  { force = false, noPrune = false }: { force?: boolean; noPrune?: boolean } = {},
): Promise<readonly Removal[]> {
  const { image, name } = await resolveImage(engine, text);
  const names = await engine.metadata.namesOf(image.id);
  if (name !== undefined) {
    const untagged = await untag(engine, image, namesThatGoWith(name, names));
    if ((await engine.metadata.namesOf(image.id)).length > 0) return untagged;
    return [...untagged, ...(await deleteImage(engine, image, { force, prune: !noPrune, quiet: true }))];
  }
  let untagged: readonly Removal[] = [];
  if (isSingleReference(names)) {
    await refuseChildren(engine, image);
    untagged = await untag(engine, image, names);
  }
  return [...untagged, ...(await deleteImage(engine, image, { force, prune: !noPrune, quiet: false }))];
}

/** A name, and the digests of its repository when it is the repository's last tag. */
function namesThatGoWith(name: NameRecord, names: readonly NameRecord[]): NameRecord[] {
  const reference = parseReference(name.name);
  if (reference.digest !== undefined) return [name];
  const siblings = names.filter(
    (other) => other.name !== name.name && repositoryOf(other) === canonicalName(reference),
  );
  return siblings.every(isDigestName) ? [name, ...siblings] : [name];
}

function repositoryOf({ name }: NameRecord): string {
  return canonicalName(parseReference(name));
}

function isDigestName({ name }: NameRecord): boolean {
  return parseReference(name).digest !== undefined;
}

/** Whether all names are of one repository, with one tag at most. */
function isSingleReference(names: readonly NameRecord[]): boolean {
  return (
    new Set(names.map(repositoryOf)).size <= 1 && names.filter((name) => !isDigestName(name)).length <= 1
  );
}

async function untag(
  engine: Engine,
  image: ImageRecord,
  names: readonly NameRecord[],
): Promise<readonly Removal[]> {
  await engine.metadata.commit(names.map(({ name }) => ({ remove: 'name', name })));
  return tellUntagged(engine, image, names);
}

function tellUntagged(engine: Engine, image: ImageRecord, names: readonly NameRecord[]): readonly Removal[] {
  return names.map(({ name }) => {
    engine.events.publish(imageEvent(engine, 'untag', image, image.id));
    return { untagged: familiarString(parseReference(name)) };
  });
}

/** `quiet`: an image that something needs is left alone, without an error. */
async function deleteImage(
  engine: Engine,
  image: ImageRecord,
  { force, prune, quiet }: { force: boolean; prune: boolean; quiet: boolean },
): Promise<readonly Removal[]> {
  const names = await engine.metadata.namesOf(image.id);
  const children = await engine.metadata.children(image.id);
  if (children.length > 0 || (names.length > 0 && !force)) {
    if (quiet) return [];
    if (children.length > 0) await refuseChildren(engine, image);
    throw conflict(image, 'image-has-names', 'image is referenced in multiple repositories');
  }
  // Its names go with it.
  await engine.metadata.commit([{ remove: 'image', id: image.id }]);
  const removals = [...tellUntagged(engine, image, names), { deleted: image.id }];
  engine.events.publish(imageEvent(engine, 'delete', image, image.id));
  const swept = new Set(await sweep(engine, digestsOf(image)));
  for (const { chainId } of image.layers.toReversed()) {
    if (swept.delete(chainId)) removals.push({ deleted: chainId });
  }
  const parent = image.parent === undefined ? undefined : await engine.metadata.image(image.parent);
  if (!prune || parent === undefined) return removals;
  return [...removals, ...(await deleteImage(engine, parent, { force: false, prune, quiet: true }))];
}

async function refuseChildren(engine: Engine, image: ImageRecord): Promise<void> {
  if ((await engine.metadata.children(image.id)).length === 0) return;
  throw conflict(image, 'image-has-children', 'image has dependent child images');
}

const whatHelps = {
  'image-has-children': 'cannot be forced',
  'image-has-names': 'must be forced',
} as const;

function conflict(image: ImageRecord, code: keyof typeof whatHelps, why: string): GantryError {
  const message = `conflict: unable to delete ${shortId(image.id)} (${whatHelps[code]}) - ${why}`;
  return new GantryError('conflict', code, message, { subject: { image: image.id } });
}
