import { GantryError } from '#errors';
import type { ImageRecord, NameRecord } from '#metadata';
import {
  canonicalName,
  canonicalString,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  encodeManifest,
  familiarName,
  familiarString,
  isForeignLayerType,
  type ImageIndex,
  type ImageManifest,
  matchesPlatform,
  mediaTypes,
  parseManifest,
  parseReference,
  formatPlatform,
  type Platform,
  type Reference,
} from '#oci';
import { endOfArchive, padding } from '#tar';
import { archiveFile, archiveHeader } from './archive-files.ts';
import { archiveNames, type ArchivedImage, nameAnnotations } from './archive-names.ts';
import { readDocument } from './blobs.ts';
import { digestsOf } from './collect.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { platformOf } from './platform-images.ts';
import { openLease } from './lease.ts';
import { imageNotFound, imageOf, resolveImage } from './resolve.ts';

/** An image and the tags under which it is saved. */
interface Saved {
  readonly image: ImageRecord;
  readonly tags: Reference[];
}

/**
 * Images as one tar archive: an OCI image layout that is a Docker archive too. Blobs are in it as they are stored,
 * each once; equal images give equal bytes on every machine.
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
  const images = new Map<string, Saved>();
  for (const name of names) {
    for (const { image, tags } of await imagesToSave(engine, name)) {
      requireExportable(image, platform);
      const saved = images.get(image.id) ?? { image, tags: [] };
      saved.tags.push(...tags);
      images.set(image.id, saved);
    }
  }
  return writeArchive(engine, [...images.values()].map(withoutDoubles));
}

/** moby image/tarexport/save.go, `parseNames`: a repository's images win over an id that looks like its name. */
async function imagesToSave(engine: Engine, text: string): Promise<Saved[]> {
  const reference = /^(sha256:)?[0-9a-f]{64}$/.test(text) ? undefined : parseReference(text);
  if (reference !== undefined && reference.tag === undefined && reference.digest === undefined) {
    const own = await imagesOfRepository(engine, reference);
    if (own.length > 0) return own;
  }
  try {
    const { image, name } = await resolveImage(engine, text);
    return [{ image, tags: name === undefined ? [] : tagsIn(name) }];
  } catch (error) {
    // Docker says the name here as it was typed, without `:latest`.
    if (error instanceof GantryError && error.code === 'image-not-found') throw imageNotFound(text, text);
    throw error;
  }
}

async function imagesOfRepository(engine: Engine, repository: Reference): Promise<Saved[]> {
  const wanted = canonicalName(repository);
  const names = await engine.metadata.names();
  const own = names.filter(({ name }) => canonicalName(parseReference(name)) === wanted);
  return Promise.all(
    own.map(async (name) => ({ image: await imageOf(engine, name.image), tags: tagsIn(name) })),
  );
}

/** The name as a tag; a digest is none. */
function tagsIn({ name }: NameRecord): Reference[] {
  const reference = parseReference(name);
  return reference.tag === undefined ? [] : [reference];
}

function requireExportable(image: ImageRecord, platform: Platform | undefined): void {
  if (platform === undefined || matchesPlatform(platform, platformOf(image))) return;
  throw new GantryError(
    'not-found',
    'image-platform',
    `no suitable export target found for platform ${formatPlatform(platform)}`,
    { subject: { image: image.id } },
  );
}

function withoutDoubles({ image, tags }: Saved): Saved {
  const byName = new Map(tags.map((tag) => [canonicalString(tag), tag]));
  return { image, tags: [...byName.values()] };
}

/** An image with its manifest as the archive tells of it. */
interface SavedDocument {
  readonly saved: Saved;
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
}

async function* writeArchive(engine: Engine, saved: readonly Saved[]): AsyncGenerator<Uint8Array, void> {
  // Nothing that is promised by the first bytes may be removed before the last ones are out.
  await using lease = await openLease(engine);
  const blobs = new Map<Digest, number>();
  const documents: SavedDocument[] = [];
  for (const each of saved) {
    await lease.hold(digestsOf(each.image));
    const bytes = await readDocument(engine.content, each.image.manifest);
    const manifest = parseManifest(bytes);
    if (manifest.kind === 'index') throw new TypeError('an image is kept by a manifest');
    const descriptor = { mediaType: manifest.mediaType, digest: each.image.manifest, size: bytes.length };
    documents.push({ saved: each, descriptor, manifest });
    for (const { digest, mediaType } of [descriptor, manifest.config, ...manifest.layers]) {
      const info = await engine.content.stat(digest);
      // A layer that may not be distributed need not be here (image-spec layer.md).
      if (info === undefined && isForeignLayerType(mediaType)) continue;
      if (info === undefined) throw imageNotFound(each.image.id);
      blobs.set(digest, info.size);
    }
  }
  yield* writeBlobs(engine, blobs);
  yield archiveFile(archiveNames.index, encodeManifest(indexOf(documents)));
  yield archiveFile(archiveNames.manifest, json(documents.map(dockerEntry)));
  yield archiveFile(archiveNames.layout, json({ imageLayoutVersion: '1.0.0' }));
  const repositories = repositoriesOf(saved);
  if (repositories !== undefined) yield archiveFile(archiveNames.repositories, json(repositories));
  yield endOfArchive();
  for (const { image } of saved) engine.events.publish(imageEvent(engine, 'save', image, image.id));
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

function blobName(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}

function indexOf(documents: readonly SavedDocument[]): ImageIndex {
  const manifests = documents.flatMap(({ saved: { image, tags }, descriptor }) => {
    const bare = { ...descriptor, platform: platformOf(image) };
    if (tags.length === 0) return [bare];
    return tags.map((tag) => ({
      ...bare,
      annotations: { [nameAnnotations.name]: canonicalString(tag), [nameAnnotations.refName]: tag.tag ?? '' },
    }));
  });
  return { kind: 'index', mediaType: mediaTypes.ociIndex, manifests };
}

function dockerEntry({ saved, manifest }: SavedDocument): ArchivedImage {
  return {
    Config: blobName(manifest.config.digest),
    RepoTags: saved.tags.length === 0 ? null : saved.tags.map(familiarString),
    Layers: manifest.layers.map(({ digest }) => blobName(digest)),
  };
}

/** Undefined when nothing has a tag: docker leaves the file out then. */
function repositoriesOf(saved: readonly Saved[]): Record<string, Record<string, string>> | undefined {
  const repositories = new Map<string, Map<string, string>>();
  for (const { image, tags } of saved) {
    const top = image.layers.at(-1)?.diffId;
    if (top === undefined) continue;
    for (const tag of tags) {
      const tops = repositories.get(familiarName(tag)) ?? new Map<string, string>();
      repositories.set(familiarName(tag), tops.set(tag.tag ?? '', digestHex(top)));
    }
  }
  if (repositories.size === 0) return undefined;
  return Object.fromEntries([...repositories].map(([name, tops]) => [name, Object.fromEntries(tops)]));
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
