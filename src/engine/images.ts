import type { ImageRecord, NameRecord } from '#metadata';
import { familiarName, familiarString, type ImageId, parseReference } from '#oci';
import { createdNanoseconds } from './created.ts';
import type { Engine } from './engine.ts';
import { parseGlob } from './glob.ts';
import { resolveImage } from './resolve.ts';
import { siblingsAmong } from './siblings.ts';

/** Which images to list. Values of one key: labels must all hold, of references one, of times all. */
export interface ImageFilters {
  /** Only images without a tag that no image is made from; false: only tagged ones. */
  readonly dangling?: boolean;
  /** `key` or `key=value`. */
  readonly labels?: readonly string[];
  /** An image must not have all of these together. */
  readonly notLabels?: readonly string[];
  /** Made before each of these images. */
  readonly before?: readonly string[];
  readonly since?: readonly string[];
  /** Shell patterns on the familiar name, with or without the tag. */
  readonly references?: readonly string[];
  /** Made before each of these times, in milliseconds since 1970. */
  readonly until?: readonly number[];
}

export interface ImageSummary {
  readonly record: ImageRecord;
  /** Familiar names with their tags, sorted. */
  readonly tags: readonly string[];
  /** Familiar names with a digest, sorted. */
  readonly digests: readonly string[];
  /** Bytes of layers that other images have too; present when asked for. */
  readonly sharedSize?: number;
}

/**
 * The images, newest first; without `all` those that were only steps to other images, or came for another platform
 * with a name that points to one for this machine, are left out.
 *
 * @throws not-found `image-not-found` for an unknown image in `before` or `since`
 */
export async function listImages(
  engine: Engine,
  {
    all = false,
    filters = {},
    sharedSize = false,
  }: { all?: boolean; filters?: ImageFilters; sharedSize?: boolean } = {},
): Promise<readonly ImageSummary[]> {
  const images = await engine.metadata.images();
  const allNames = await engine.metadata.names();
  const names = namesByImage(allNames);
  const isSibling = siblingsAmong(images, allNames);
  const parents = new Set(images.map((image) => image.parent));
  const matches = await parseFilters(engine, filters);
  const shared = sharedSize ? sharedSizes(images) : undefined;

  const summaries: ImageSummary[] = [];
  for (const record of images) {
    if (!matches.image(record)) continue;
    const { tags, digests } = familiarNames(names.get(record.id) ?? [], matches.name);
    const isStep = parents.has(record.id) || isSibling(record);
    if (tags.length === 0 && digests.length === 0) {
      // moby daemon/images/images.go: an image without any name hides behind its children, and is no match for
      // `dangling=false` or for a reference.
      if (isStep && (!all || filters.dangling === true)) continue;
      if (filters.dangling === false || filters.references !== undefined) continue;
    } else if (filters.dangling === true && (tags.length > 0 || isStep)) continue;
    const size = shared?.get(record.id);
    summaries.push({ record, tags, digests, ...(size === undefined ? {} : { sharedSize: size }) });
  }
  const time = new Map(summaries.map(({ record }) => [record.id, createdNanoseconds(record.created)]));
  return summaries.sort((a, b) => Number((time.get(b.record.id) ?? 0n) - (time.get(a.record.id) ?? 0n)));
}

/** The tags and digests among `names` that `matches`, as users write them. */
export function familiarNames(
  names: readonly NameRecord[],
  matches: (familiar: string, repository: string) => boolean = () => true,
): { tags: string[]; digests: string[] } {
  const tags: string[] = [];
  const digests: string[] = [];
  for (const { name } of names) {
    const reference = parseReference(name);
    const familiar = familiarString(reference);
    if (matches(familiar, familiarName(reference))) {
      (reference.digest === undefined ? tags : digests).push(familiar);
    }
  }
  return { tags: tags.sort(), digests: digests.sort() };
}

function namesByImage(names: readonly NameRecord[]): Map<ImageId, NameRecord[]> {
  return Map.groupBy(names, ({ image }) => image);
}

interface Matches {
  image: (image: ImageRecord) => boolean;
  name: (familiar: string, repository: string) => boolean;
}

async function parseFilters(engine: Engine, filters: ImageFilters): Promise<Matches> {
  const timeOf = async (name: string) => createdNanoseconds((await resolveImage(engine, name)).image.created);
  const before = await Promise.all((filters.before ?? []).map(timeOf));
  const since = await Promise.all((filters.since ?? []).map(timeOf));
  const until = (filters.until ?? []).map((milliseconds) => BigInt(Math.floor(milliseconds)) * 1_000_000n);
  const { notLabels = [] } = filters;
  const globs = filters.references?.map(parseGlob);
  return {
    image: (image) => {
      const created = createdNanoseconds(image.created);
      return (
        before.every((limit) => created < limit) &&
        since.every((limit) => created > limit) &&
        until.every((limit) => created < limit) &&
        hasLabels(image, filters.labels ?? []) &&
        (notLabels.length === 0 || !hasLabels(image, notLabels))
      );
    },
    name: (familiar, repository) =>
      globs === undefined || globs.some((glob) => glob(familiar) || glob(repository)),
  };
}

/** Whether the image has each of `labels` (`key` or `key=value`). */
function hasLabels(image: ImageRecord, labels: readonly string[]): boolean {
  return labels.every((label) => {
    const at = label.indexOf('=');
    const key = at < 0 ? label : label.slice(0, at);
    const { labels = {} } = image;
    return Object.hasOwn(labels, key) && (at < 0 || labels[key] === label.slice(at + 1));
  });
}

/** For each image the bytes of its layers that another image has too. */
function sharedSizes(images: readonly ImageRecord[]): Map<ImageId, number> {
  const users = new Map<string, number>();
  for (const image of images) {
    for (const chainId of new Set(image.layers.map((layer) => layer.chainId))) {
      users.set(chainId, (users.get(chainId) ?? 0) + 1);
    }
  }
  return new Map(
    images.map((image) => [
      image.id,
      image.layers.reduce((sum, { chainId, size }) => sum + ((users.get(chainId) ?? 0) > 1 ? size : 0), 0),
    ]),
  );
}
