import { GantryError } from '#errors';
import type { Change, ImageRecord, NameRecord } from '#metadata';
import { canonicalName, type Digest, familiarString, parseReference, type Platform, shortId } from '#oci';
import { digestsOf, sweep } from './collect.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { imageFor } from './platform-images.ts';
import { resolveImage } from './resolve.ts';
import { siblingsAmong, siblingsOf } from './siblings.ts';

/** One thing that a removal did, in the order it was done. */
export type Removal =
  | { readonly untagged: string }
  /** An image id, or the chain id of a layer that no image has any more. */
  | { readonly deleted: Digest };

/**
 * Takes a name off an image; with the last name, or by id, removes the image, its untagged parents and the layers
 * that nothing else needs (moby daemon/images/image_delete.go). With a name go the images for other platforms that
 * came with it; by id, by a manifest's digest or with `platform` goes one image, and its names point to another one
 * of their index from then on.
 *
 * @throws not-found `image-not-found`, `image-platform`; conflict `image-has-children`, `image-has-names`
 */
export async function removeImage(
  engine: Engine,
  text: string,
  options: RemoveOptions = {},
): Promise<readonly Removal[]> {
  const { image, name, target } = await resolveImage(engine, text, options);
  const names = await engine.metadata.namesOf(image.id);
  const siblings = await siblingsOf(engine, image, [target]);
  if (name !== undefined && (options.platform === undefined || siblings.length === 0)) {
    return removeName(engine, image, { going: namesThatGoWith(name, names), options });
  }
  const removals = [...(await removeOne(engine, image, options))];
  // The digest of an index means all of it.
  const others = name === undefined && options.platform === undefined ? siblings : [];
  for (const { id } of others) {
    const other = await engine.metadata.image(id);
    if (other !== undefined) removals.push(...(await removeOne(engine, other, options)));
  }
  return removals;
}

export interface RemoveOptions {
  /** Also an image with several names. */
  readonly force?: boolean;
  /** Parents without a name stay. */
  readonly noPrune?: boolean;
  /** Only the image for this platform. */
  readonly platform?: Platform;
}

async function removeName(
  engine: Engine,
  image: ImageRecord,
  {
    going,
    options: { force = false, noPrune = false },
  }: { going: readonly NameRecord[]; options: RemoveOptions },
): Promise<readonly Removal[]> {
  const options = { force, prune: !noPrune, quiet: true };
  const siblings = await siblingsOf(
    engine,
    image,
    going.map(({ target }) => target),
  );
  const removals = [...(await untag(engine, image, going))];
  if ((await engine.metadata.namesOf(image.id)).length === 0) {
    removals.push(...(await deleteImage(engine, image, options)));
  }
  if (siblings.length === 0) return removals;
  const isSibling = siblingsAmong(await engine.metadata.images(), await engine.metadata.names());
  for (const sibling of siblings) {
    if (!isSibling(sibling))
      removals.push(...(await deleteImage(engine, sibling, { ...options, force: false })));
  }
  return removals;
}

async function removeOne(
  engine: Engine,
  image: ImageRecord,
  { force = false, noPrune = false }: RemoveOptions,
): Promise<readonly Removal[]> {
  const options = { force, prune: !noPrune, quiet: false };
  await refuseChildren(engine, image);
  const { staying, moves } = await namesToMove(engine, image);
  if (!force && !isSingleReference(staying)) {
    throw conflict(image, 'image-has-names', 'image is referenced in multiple repositories');
  }
  await engine.metadata.commit(moves);
  const untagged = isSingleReference(staying) ? await untag(engine, image, staying) : [];
  return [...untagged, ...(await deleteImage(engine, image, options))];
}

/** Names of the image that may point to another one that came with it, and those that go with it. */
async function namesToMove(
  engine: Engine,
  image: ImageRecord,
): Promise<{ staying: readonly NameRecord[]; moves: readonly Change[] }> {
  const staying: NameRecord[] = [];
  const moves: Change[] = [];
  const at = engine.clock();
  for (const name of await engine.metadata.namesOf(image.id)) {
    const siblings = await siblingsOf(engine, image, [name.target]);
    const heir = imageFor(engine.platform, siblings) ?? siblings[0];
    if (heir === undefined) staying.push(name);
    else moves.push({ put: 'name', name: { ...name, image: heir.id }, at });
  }
  return { staying, moves };
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
