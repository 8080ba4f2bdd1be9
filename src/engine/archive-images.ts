import { GantryError } from '#errors';
import {
  type Descriptor,
  type Digest,
  encodeManifest,
  type ImageIndex,
  type ImageManifest,
  mediaTypes,
  parseManifest,
  parseReference,
  type Reference,
  selectManifest,
  withDefaultTag,
} from '#oci';
import { archiveNames, type ArchivedImage, nameAnnotations } from './archive-names.ts';
import type { Archive } from './archive-reader.ts';
import { readDocument, writeDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import { layerMediaType } from './sniff.ts';

/** An image that an archive holds. */
export interface FoundImage {
  readonly manifest: Digest;
  readonly tags: readonly Reference[];
}

/**
 * The images of an archive, in its order: by Docker's `manifest.json` where there is one, otherwise by the index
 * of an OCI layout. A manifest that the archive has for an image is kept; an archive without manifests gets one.
 *
 * @throws corrupt `archive-empty` (neither list is there), `archive-manifest`, `archive-file` (a file that the
 *   list names is missing)
 */
export async function findImages(engine: Engine, archive: Archive): Promise<readonly FoundImage[]> {
  const manifests = await layoutManifests(engine, archive);
  const list = archive.digestOf(archiveNames.manifest);
  if (list !== undefined) {
    const items = parseDockerList(await readDocument(engine.content, list));
    return Promise.all(items.map((item) => dockerImage(engine, archive, item, manifests)));
  }
  if (archive.digestOf(archiveNames.index) !== undefined) return byManifest(manifests);
  throw new GantryError(
    'corrupt',
    'archive-empty',
    'the archive holds no image: neither manifest.json nor index.json is in it; give a file that `save` wrote',
  );
}

/** A manifest of the layout, with what its index says of it. */
interface LayoutManifest {
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly annotations: Readonly<Record<string, string>>;
}

async function layoutManifests(engine: Engine, archive: Archive): Promise<readonly LayoutManifest[]> {
  const root = archive.digestOf(archiveNames.index);
  if (root === undefined) return [];
  const index = parseManifest(await readDocument(engine.content, root), mediaTypes.ociIndex);
  if (index.kind !== 'index') throw badArchive('index.json is no image index');
  const found: LayoutManifest[] = [];
  for (const descriptor of index.manifests) {
    const chosen = await imageManifest(engine, archive, descriptor);
    if (chosen !== undefined) found.push({ ...chosen, annotations: descriptor.annotations ?? {} });
  }
  return found;
}

/** The manifest itself, or the child of an index that fits this machine; undefined when it is not in the archive. */
async function imageManifest(
  engine: Engine,
  archive: Archive,
  descriptor: Descriptor,
  depth = 0,
): Promise<{ digest: Digest; manifest: ImageManifest } | undefined> {
  const { digest } = descriptor;
  if (!archive.blobs.includes(digest)) return undefined;
  const parsed = parseManifest(await readDocument(engine.content, digest), descriptor.mediaType);
  if (parsed.kind === 'manifest') return { digest, manifest: parsed };
  for (const child of depth < 4 ? childrenByPreference(engine, parsed) : []) {
    const found = await imageManifest(engine, archive, child, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The child for this machine first; then any, for an archive may hold another machine's image only. */
function childrenByPreference(engine: Engine, index: ImageIndex): readonly Descriptor[] {
  const fitting = selectManifest(index, engine.platform);
  return fitting === undefined ? index.manifests : [fitting, ...index.manifests];
}

/** One image a manifest, with all names that the index gives it. */
function byManifest(manifests: readonly LayoutManifest[]): FoundImage[] {
  const images = new Map<Digest, Reference[]>();
  for (const { digest, annotations } of manifests) {
    const tags = images.get(digest) ?? [];
    const name = nameIn(annotations);
    if (name !== undefined) tags.push(name);
    images.set(digest, tags);
  }
  return [...images].map(([manifest, tags]) => ({ manifest, tags }));
}

/** containerd's name is whole; the specification's may be a bare tag, which names no repository. */
function nameIn(annotations: Readonly<Record<string, string>>): Reference | undefined {
  const text = annotations[nameAnnotations.name] ?? annotations[nameAnnotations.refName];
  if (text === undefined || (annotations[nameAnnotations.name] === undefined && !/[/:]/.test(text)))
    return undefined;
  const reference = parseReference(text);
  return reference.digest === undefined ? withDefaultTag(reference) : undefined;
}

async function dockerImage(
  engine: Engine,
  archive: Archive,
  { Config, RepoTags, Layers }: ArchivedImage,
  manifests: readonly LayoutManifest[],
): Promise<FoundImage> {
  const config = fileOf(archive, Config);
  const layers = Layers.map((name) => fileOf(archive, name));
  const tags = (RepoTags ?? []).map((text) => withDefaultTag(parseReference(text)));
  const own = manifests.find(
    ({ manifest }) =>
      manifest.config.digest === config &&
      manifest.layers.length === layers.length &&
      manifest.layers.every(({ digest }, position) => digest === layers[position]),
  );
  return { manifest: own?.digest ?? (await makeManifest(engine, config, layers)), tags };
}

function fileOf(archive: Archive, name: string): Digest {
  const digest = archive.digestOf(name);
  if (digest !== undefined) return digest;
  throw new GantryError(
    'corrupt',
    'archive-file',
    `the archive's manifest.json names ${name}, which is not in it`,
    {
      subject: { name },
    },
  );
}

/** A manifest for an image that came, or was made, without one. Equal images get equal manifests. */
export async function makeManifest(
  engine: Engine,
  config: Digest,
  layers: readonly Digest[],
): Promise<Digest> {
  const describe = async (digest: Digest, mediaType: string): Promise<Descriptor> => {
    const info = await engine.content.stat(digest);
    if (info === undefined)
      throw new GantryError('not-found', 'blob-not-found', `blob ${digest} is not in the store`);
    return { mediaType, digest, size: info.size };
  };
  const manifest: ImageManifest = {
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config: await describe(config, mediaTypes.ociConfig),
    layers: await Promise.all(
      layers.map(async (layer) => describe(layer, await layerMediaType(engine, layer))),
    ),
  };
  return writeDocument(engine.content, encodeManifest(manifest));
}

function parseDockerList(bytes: Uint8Array): readonly ArchivedImage[] {
  let list: unknown;
  try {
    list = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw badArchive('manifest.json is no JSON', error);
  }
  if (list === null) throw badArchive('invalid manifest, manifest cannot be null (but can be [])');
  if (!Array.isArray(list)) throw badArchive('manifest.json is no list of images');
  return list.map(parseDockerItem);
}

function parseDockerItem(value: unknown): ArchivedImage {
  const { Config, RepoTags = null, Layers = [] } = (value ?? {}) as Record<string, unknown>;
  const isList = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((text) => typeof text === 'string');
  if (typeof Config !== 'string' || !isList(Layers ?? []) || !(RepoTags === null || isList(RepoTags))) {
    throw badArchive(
      'an image in manifest.json lacks Config, or its Layers or RepoTags are no lists of names',
    );
  }
  return { Config, RepoTags, Layers: (Layers ?? []) as string[] };
}

function badArchive(what: string, cause?: unknown): GantryError {
  return new GantryError('corrupt', 'archive-manifest', what, cause === undefined ? {} : { cause });
}
