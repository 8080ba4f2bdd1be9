import { GantryError } from '#errors';
import type { ImageRecord, NameRecord } from '#metadata';
import {
  canonicalName,
  canonicalString,
  type Digest,
  digestAlgorithm,
  encodeManifest,
  formatPlatform,
  type ImageManifest,
  isForeignLayerType,
  parseReference,
  type Platform,
  type Reference,
} from '#oci';
import { endOfArchive, padding } from '#tar';
import { archiveFile, archiveHeader } from './archive-files.ts';
import { blobName, dockerList, indexOf, repositoriesOf, type SavedDocument } from './archive-lists.ts';
import { archiveNames } from './archive-names.ts';
import { digestsOf } from './collect.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { openLease } from './lease.ts';
import {
  imageFor,
  imagesHere,
  platformOf,
  readTarget,
  type TargetContents,
  type TargetManifest,
} from './platform-images.ts';
import { imageNotFound, imageOf, type ResolvedImage, resolveImage } from './resolve.ts';
import { siblingsOf } from './siblings.ts';

/** A manifest or index, and the tags under which it is saved. */
interface Saved {
  readonly target: Digest;
  /** In the index's order; one or more. */
  readonly images: readonly ImageRecord[];
  readonly tags: readonly Reference[];
}

/**
 * Images as one tar archive: an OCI image layout that is a Docker archive too. Blobs are in it as they are stored,
 * each once; equal images give equal bytes on every machine. An index is in it with all of its images that came
 * together; of one with a single image here, and with `platform`, that image alone.
 *
 * A repository without a tag means all its tags. Nothing is read before the first chunk is asked for, but the
 * names are looked up at once.
 *
 * @throws not-found `image-not-found`, `image-platform`
 */
export async function saveImages(
  engine: Engine,
  names: readonly string[],
  { platform }: { platform?: Platform } = {},
): Promise<AsyncIterable<Uint8Array>> {
  const targets = new Map<Digest, Saved>();
  for (const name of names) {
    for (const { found, tags } of await imagesToSave(engine, name)) {
      const saved = await whatToSave(engine, found, platform);
      const before = targets.get(saved.target)?.tags ?? [];
      targets.set(saved.target, { ...saved, tags: withoutDoubles([...before, ...tags]) });
    }
  }
  return writeArchive(engine, [...targets.values()]);
}

interface Named {
  readonly found: Pick<ResolvedImage, 'image' | 'target'>;
  readonly tags: readonly Reference[];
}

/** moby image/tarexport/save.go, `parseNames`: a repository's images win over an id that looks like its name. */
async function imagesToSave(engine: Engine, text: string): Promise<Named[]> {
  const reference = /^(sha256:)?[0-9a-f]{64}$/.test(text) ? undefined : parseReference(text);
  if (reference !== undefined && reference.tag === undefined && reference.digest === undefined) {
    const own = await imagesOfRepository(engine, reference);
    if (own.length > 0) return own;
  }
  try {
    const found = await resolveImage(engine, text);
    return [{ found, tags: found.name === undefined ? [] : tagsIn(found.name) }];
  } catch (error) {
    // Docker says the name here as it was typed, without `:latest`.
    if (error instanceof GantryError && error.code === 'image-not-found') throw imageNotFound(text, text);
    throw error;
  }
}

async function imagesOfRepository(engine: Engine, repository: Reference): Promise<Named[]> {
  const wanted = canonicalName(repository);
  const names = await engine.metadata.names();
  const own = names.filter(({ name }) => canonicalName(parseReference(name)) === wanted);
  return Promise.all(
    own.map(async (name) => ({
      found: { image: await imageOf(engine, name.image), target: name.target },
      tags: tagsIn(name),
    })),
  );
}

async function whatToSave(
  engine: Engine,
  { image, target }: Named['found'],
  platform: Platform | undefined,
): Promise<Omit<Saved, 'tags'>> {
  const { indexes, manifests } = await readTarget(engine, target);
  const here = imagesHere(manifests);
  if (platform !== undefined) {
    const chosen = imageFor(platform, here.length > 0 ? here : [image]);
    if (chosen === undefined) throw notExportable(image, platform);
    return single(chosen, manifests);
  }
  // Another platform's image that came by itself is no part of what the name stands for here.
  const siblings = new Set((await siblingsOf(engine, image, [target])).map(({ id }) => id));
  const together = here.filter(({ id }) => id === image.id || siblings.has(id));
  const isWhole = indexes.length > 0 && together.length > 1;
  return isWhole ? { target, images: together } : single(image, manifests);
}

/** The image by the manifest that its name stands for: it may be kept by another one, which came later. */
function single(image: ImageRecord, manifests: readonly TargetManifest[]): Omit<Saved, 'tags'> {
  const own = manifests.find((each) => each.image?.id === image.id);
  return { target: own?.descriptor.digest ?? image.manifest, images: [image] };
}

/** The name as a tag; a digest is none. */
function tagsIn({ name }: NameRecord): Reference[] {
  const reference = parseReference(name);
  return reference.tag === undefined ? [] : [reference];
}

function notExportable(image: ImageRecord, platform: Platform): GantryError {
  return new GantryError(
    'not-found',
    'image-platform',
    `no suitable export target found for platform ${formatPlatform(platform)}`,
    { subject: { image: image.id } },
  );
}

function withoutDoubles(tags: readonly Reference[]): readonly Reference[] {
  return [...new Map(tags.map((tag) => [canonicalString(tag), tag])).values()];
}

async function* writeArchive(engine: Engine, saved: readonly Saved[]): AsyncGenerator<Uint8Array, void> {
  // Nothing that is promised by the first bytes may be removed before the last ones are out.
  await using lease = await openLease(engine);
  const blobs = new Map<Digest, number>();
  const documents: SavedDocument[] = [];
  for (const each of saved) {
    await lease.hold([each.target, ...each.images.flatMap(digestsOf)]);
    const target = await readTarget(engine, each.target);
    await lease.hold(target.manifests.flatMap(({ manifest }) => (manifest ? partsOf(manifest) : [])));
    for (const [digest, size] of await blobsOf(engine, each, target)) blobs.set(digest, size);
    documents.push(await documentOf(engine, each, target));
  }
  yield* writeBlobs(engine, blobs);
  yield archiveFile(archiveNames.index, encodeManifest(indexOf(documents)));
  yield archiveFile(archiveNames.manifest, json(dockerList(documents)));
  yield archiveFile(archiveNames.layout, json({ imageLayoutVersion: '1.0.0' }));
  const repositories = repositoriesOf(documents);
  if (repositories !== undefined) yield archiveFile(archiveNames.repositories, json(repositories));
  yield endOfArchive();
  const images = new Map(saved.flatMap((each) => each.images.map((image) => [image.id, image])));
  for (const image of images.values()) engine.events.publish(imageEvent(engine, 'save', image, image.id));
}

function partsOf({ config, layers }: ImageManifest): readonly Digest[] {
  return [config.digest, ...layers.map(({ digest }) => digest)];
}

/** The blobs of a target that go into the archive, with their sizes. @throws not-found `image-not-found` */
async function blobsOf(
  engine: Engine,
  { images, target }: Saved,
  { indexes, manifests }: TargetContents,
): Promise<Map<Digest, number>> {
  const wanted = new Set(images.map(({ id }) => id as Digest));
  const descriptors = indexes.map(({ digest, index }) => ({ digest, mediaType: index.mediaType }));
  const optional = new Set<Digest>();
  for (const { descriptor, manifest, kind } of manifests) {
    const isWanted = manifest !== undefined && wanted.has(manifest.config.digest);
    if (manifest === undefined || (kind === 'image' && !isWanted)) continue;
    descriptors.push(descriptor, manifest.config, ...manifest.layers);
    // Of an attestation goes what is here.
    if (!isWanted) for (const digest of partsOf(manifest)) optional.add(digest);
  }
  const blobs = new Map<Digest, number>();
  for (const { digest, mediaType } of descriptors) {
    const info = await engine.content.stat(digest);
    // A layer that may not be distributed need not be here (image-spec layer.md).
    if (info === undefined && (isForeignLayerType(mediaType) || optional.has(digest))) continue;
    if (info === undefined) throw imageNotFound(images[0]?.id ?? target);
    blobs.set(digest, info.size);
  }
  return blobs;
}

async function documentOf(
  engine: Engine,
  { target: digest, images, tags }: Saved,
  { indexes, manifests }: TargetContents,
): Promise<SavedDocument> {
  // The first in the index's order, so that the archive is the same on every machine.
  const shown = manifests.find(
    ({ image, manifest }) => manifest !== undefined && images.some(({ id }) => id === image?.id),
  );
  const [first] = images;
  if (shown?.manifest === undefined || first === undefined) throw imageNotFound(first?.id ?? digest);
  const { size } = (await engine.content.stat(digest)) ?? { size: 0 };
  const mediaType = indexes[0]?.index.mediaType ?? shown.manifest.mediaType;
  const platform = indexes.length > 0 ? {} : { platform: platformOf(first) };
  return {
    tags,
    descriptor: { mediaType, digest, size, ...platform },
    manifest: shown.manifest,
    image: shown.image ?? first,
  };
}

async function* writeBlobs(engine: Engine, blobs: ReadonlyMap<Digest, number>): AsyncGenerator<Uint8Array> {
  yield archiveHeader('blobs/', 'directory');
  let folder = '';
  for (const [digest, size] of [...blobs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (folder !== digestAlgorithm(digest)) {
      folder = digestAlgorithm(digest);
      yield archiveHeader(`blobs/${folder}/`, 'directory');
    }
    yield archiveHeader(blobName(digest), 'file', size);
    yield* engine.content.read(digest);
    yield padding(size);
  }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
