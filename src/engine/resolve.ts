import { GantryError } from '#errors';
import type { ImageRecord, NameRecord } from '#metadata';
import {
  canonicalString,
  type Digest,
  familiarString,
  type ImageId,
  isDigest,
  parseReference,
  type Reference,
  withDefaultTag,
} from '#oci';
import type { Engine } from './engine.ts';

/** An image, and the name that led to it when it was not an id. */
export interface ResolvedImage {
  readonly image: ImageRecord;
  /** Set when `image` was found by a name that points to it. */
  readonly name: NameRecord | undefined;
}

/**
 * Finds the image that a user means: a name first (a digest wins over a tag), then an id or a unique beginning of
 * one, then the digest of a manifest or index (moby daemon/images/image.go, `GetImage`).
 *
 * @throws not-found `image-not-found`; invalid-argument `reference-invalid`
 */
export async function resolveImage(engine: Engine, text: string): Promise<ResolvedImage> {
  const found = await findImage(engine, text);
  if (found !== undefined) return found;
  throw imageNotFound(text);
}

/** As `resolveImage`, or undefined when there is no such image. */
async function findImage(engine: Engine, text: string): Promise<ResolvedImage | undefined> {
  const { metadata } = engine;
  const digest = digestIn(text);
  if (digest === undefined) {
    const name = await metadata.name(lookupName(parseReference(text)));
    if (name !== undefined) return { image: await imageOf(engine, name.image), name };
  }
  const id = await idByPrefix(engine, text);
  if (id !== undefined) return { image: await imageOf(engine, id), name: undefined };
  if (digest === undefined) return undefined;
  const [byContent, another] = await metadata.imagesByContent(digest);
  // A manifest names one image; an index may lead to several, and then says nothing.
  if (byContent === undefined || another !== undefined) return undefined;
  return { image: await imageOf(engine, byContent), name: undefined };
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
