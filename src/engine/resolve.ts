import { GantryError } from '#errors';
import type { ImageRecord, NameRecord } from '#metadata';
import {
  canonicalName,
  canonicalString,
  type Digest,
  familiarString,
  formatPlatform,
  type ImageId,
  isDigest,
  parseReference,
  type Platform,
  type Reference,
  withDefaultTag,
} from '#oci';
import type { Engine } from './engine.ts';
import { imageFor, imagesHere, platformOf, readTarget } from './platform-images.ts';

/** An image, and what led to it. */
export interface ResolvedImage {
  readonly image: ImageRecord;
  /** Set when `image` was found by a name that points to it. */
  readonly name: NameRecord | undefined;
  /** The manifest or index that the user's words stand for; the image is one of those it leads to. */
  readonly target: Digest;
}

/**
 * Finds the image that a user means: a name first (a digest wins over a tag), then an id or a unique beginning of
 * one (moby daemon/images/image.go, `GetImage`), then the digest of a manifest or index, alone or behind the name of
 * a repository. Of an index it is the image for `platform`.
 *
 * @throws not-found `image-not-found`, `image-platform` when there is no image for `platform`; invalid-argument
 *   `reference-invalid`
 */
export async function resolveImage(
  engine: Engine,
  text: string,
  { platform }: { platform?: Platform | undefined } = {},
): Promise<ResolvedImage> {
  const found = await findImage(engine, text);
  if (found === undefined) throw imageNotFound(text);
  if (platform === undefined) return found;
  const { manifests } = await readTarget(engine, found.target);
  const images = imagesHere(manifests);
  const image = imageFor(platform, images.length > 0 ? images : [found.image]);
  if (image !== undefined) return { ...found, image };
  throw wrongPlatform(text, platform, images.length > 1 ? undefined : found.image);
}

/** In docker's words: for a single image those of its own store, for several those of containerd's. */
function wrongPlatform(text: string, wanted: Platform, single: ImageRecord | undefined): GantryError {
  const asked = formatPlatform(wanted);
  const what =
    single === undefined
      ? `does not provide the specified platform (${asked})`
      : `its platform (${formatPlatform(platformOf(single))}) does not match the specified platform (${asked})`;
  return new GantryError(
    'not-found',
    'image-platform',
    `image with reference ${text} was found but ${what}`,
    { subject: { image: text } },
  );
}

/** As `resolveImage`, or undefined when there is no such image. */
async function findImage(engine: Engine, text: string): Promise<ResolvedImage | undefined> {
  const { metadata } = engine;
  const digest = digestIn(text);
  const reference = digest === undefined ? parseReference(text) : undefined;
  if (reference !== undefined) {
    const name = await metadata.name(lookupName(reference));
    if (name !== undefined) return { image: await imageOf(engine, name.image), name, target: name.target };
  }
  const id = await idByPrefix(engine, text);
  if (id !== undefined) {
    const image = await imageOf(engine, id);
    return { image, name: undefined, target: image.manifest };
  }
  if (digest !== undefined) return findByDigest(engine, digest);
  if (reference?.digest === undefined) return undefined;
  const found = await findByDigest(engine, reference.digest);
  return found !== undefined && (await isNamedIn(engine, reference, found)) ? found : undefined;
}

/** The image of a manifest, or the one for this machine among those that an index leads to. */
async function findByDigest(engine: Engine, digest: Digest): Promise<ResolvedImage | undefined> {
  const [candidate, another] = await engine.metadata.imagesByContent(digest);
  if (candidate === undefined) return undefined;
  const { manifests } = await readTarget(engine, digest);
  const images = imagesHere(manifests);
  let image = imageFor(engine.platform, images) ?? images[0];
  // Without its bytes a document that one image has can only be that image's.
  const isLost = manifests.every(({ manifest }) => manifest === undefined);
  if (image === undefined && isLost && another === undefined) image = await imageOf(engine, candidate);
  return image === undefined ? undefined : { image, name: undefined, target: digest };
}

/** Whether a name of the repository stands for the image, or for an index that leads to it. */
async function isNamedIn(
  { metadata }: Engine,
  repository: Reference,
  { image }: ResolvedImage,
): Promise<boolean> {
  const wanted = canonicalName(repository);
  const names = (await metadata.names()).filter(({ name }) => canonicalName(parseReference(name)) === wanted);
  return names.some((name) => name.image === image.id || image.content.includes(name.target));
}

/** The error for a name that leads nowhere, in docker's words. */
export function imageNotFound(
  text: string,
  shown: string = digestIn(text) ?? familiarString(withDefaultTag(parseReference(text))),
): GantryError {
  return new GantryError('not-found', 'image-not-found', `No such image: ${shown}`, {
    subject: { image: text },
  });
}

/** The canonical name under which `reference` is kept: its digest wins over its tag, no tag means `latest`. */
export function lookupName(reference: Reference): string {
  const { domain, path, digest } = reference;
  return canonicalString(digest === undefined ? withDefaultTag(reference) : { domain, path, digest });
}

/** The record of an image that a name or link promises. @throws not-found `image-not-found` when it was removed meanwhile */
export async function imageOf(engine: Engine, id: ImageId): Promise<ImageRecord> {
  const image = await engine.metadata.image(id);
  if (image === undefined) throw imageNotFound(id);
  return image;
}

/** `text` when it is a whole digest, with or without its algorithm (distribution/reference `ParseAnyReference`). */
function digestIn(text: string): Digest | undefined {
  const whole = /^[0-9a-f]{64}$/.test(text) ? `sha256:${text}` : text;
  return isDigest(whole) ? whole : undefined;
}

async function idByPrefix(engine: Engine, text: string): Promise<ImageId | undefined> {
  const prefix = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(text)?.[1];
  if (prefix === undefined) return undefined;
  const [id, another] = await engine.metadata.imagesByPrefix(prefix);
  return another === undefined ? id : undefined;
}
