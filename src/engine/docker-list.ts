import { GantryError, toError } from '#errors';
import { parseReference, type Reference } from '#oci';
import { taggable } from './tag.ts';

/** One image of Docker's `manifest.json`. Paths are relative to the archive's root. */
export interface ListedImage {
  readonly config: string;
  /** Base first. */
  readonly layers: readonly string[];
  readonly tags: readonly Reference[];
}

/** As many images, tags and layers of one image as an index or a manifest may have parts. */
const maxItems = 10_000;

/**
 * The images of a `manifest.json` (moby image/tarexport). Fields that are not needed are read over.
 *
 * @throws corrupt `archive-manifest`, also for a tag that is none
 */
export function parseDockerList(bytes: Uint8Array): readonly ListedImage[] {
  let list: unknown;
  try {
    list = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw invalidList('manifest.json is no JSON', error);
  }
  if (list === null) throw invalidList('invalid manifest, manifest cannot be null (but can be [])');
  if (!Array.isArray(list)) throw invalidList('manifest.json is no list of images');
  if (list.length > maxItems) throw invalidList(`manifest.json lists more than ${maxItems} images`);
  return list.map(parseItem);
}

function parseItem(value: unknown): ListedImage {
  const { Config, RepoTags, Layers } = (value ?? {}) as Record<string, unknown>;
  if (typeof Config !== 'string') throw invalidList('an image in manifest.json has no Config');
  return {
    config: Config,
    layers: names(Layers, 'Layers'),
    tags: names(RepoTags, 'RepoTags').map(parseTagName),
  };
}

/** Null is how Go writes an empty list. */
function names(list: unknown, field: string): readonly string[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || !list.every((text) => typeof text === 'string')) {
    throw invalidList(`the ${field} of an image in manifest.json are no list of names`);
  }
  if (list.length > maxItems)
    throw invalidList(`an image in manifest.json has more than ${maxItems} ${field}`);
  return list;
}

function parseTagName(text: string): Reference {
  try {
    return taggable(parseReference(text));
  } catch (error) {
    throw invalidList(
      `invalid tag "${text.slice(0, 300)}" in manifest.json: ${toError(error).message}`,
      error,
    );
  }
}

/** The error for a list of images that is none. */
export function invalidList(what: string, cause?: unknown): GantryError {
  return new GantryError('corrupt', 'archive-manifest', what, cause === undefined ? {} : { cause });
}
