import {
  type Descriptor,
  type Digest,
  digestOf,
  isIndexType,
  isManifestType,
  mediaTypes,
  parseManifest,
  parseReference,
  type Reference,
} from '#oci';
import { nameAnnotations } from './archive-names.ts';
import type { Archive } from './archive-reader.ts';
import { readDocument } from './blobs.ts';
import { invalidList } from './docker-list.ts';
import type { Engine } from './engine.ts';
import { isImageManifest } from './image-manifest.ts';
import { maxIndexDepth } from './platform-images.ts';
import { taggable } from './tag.ts';

/** An entry of a layout's index: a manifest or an index, with what the archive has of it. */
export interface LayoutEntry {
  readonly target: Digest;
  /** In the order of the index; one or more. */
  readonly images: readonly LayoutImage[];
  /** The indexes that led to them, and attestations and artifacts with their blobs. */
  readonly companions: readonly Digest[];
  readonly name: Reference | undefined;
}

interface LayoutImage {
  readonly manifest: Digest;
  readonly config: Digest;
  /** As `contentsOf` makes it. */
  readonly contents: Digest;
}

/** One digest for a config and its layers: what makes two manifests of the same blobs equal. */
export function contentsOf(config: Digest, layers: readonly Digest[]): Digest {
  return digestOf(Buffer.from([config, ...layers].join('\n')));
}

/**
 * The entries of the layout in `archive` that lead to images, in the order of its index. What an index names and the
 * archive does not have is passed over, and so are entries that lead to no image.
 *
 * @throws corrupt `archive-manifest`, `manifest-invalid`
 */
export async function layoutEntries(
  engine: Engine,
  archive: Archive,
  root: Digest,
): Promise<readonly LayoutEntry[]> {
  const index = parseManifest(await readDocument(engine.content, root), mediaTypes.ociIndex);
  if (index.kind !== 'index') throw invalidList('index.json is no image index');
  // Read once: the index may name a target as often as it likes.
  const known = new Map<string, Omit<LayoutEntry, 'name'>>();
  const entries: LayoutEntry[] = [];
  for (const descriptor of index.manifests) {
    const key = `${descriptor.digest} ${descriptor.mediaType}`;
    const found = known.get(key) ?? (await readEntry(engine, archive, descriptor));
    known.set(key, found);
    if (found.images.length > 0) entries.push({ ...found, name: nameIn(descriptor) });
  }
  return entries;
}

/** The images below one descriptor, each document read once. */
async function readEntry(
  engine: Engine,
  archive: Archive,
  entry: Descriptor,
): Promise<Omit<LayoutEntry, 'name'>> {
  const images: LayoutImage[] = [];
  const companions: Digest[] = [];
  const seen = new Set<Digest>();
  const visit = async (descriptor: Descriptor, depth: number): Promise<void> => {
    const { digest, mediaType } = descriptor;
    if (seen.has(digest) || !archive.blobs.has(digest)) return;
    if (!isManifestType(mediaType) && !isIndexType(mediaType)) return;
    seen.add(digest);
    const parsed = parseManifest(await readDocument(engine.content, digest), mediaType);
    if (parsed.kind === 'index') {
      companions.push(digest);
      for (const child of depth < maxIndexDepth ? parsed.manifests : []) await visit(child, depth + 1);
      return;
    }
    const layers = parsed.layers.map((layer) => layer.digest);
    if (isImageManifest(parsed) && !isAttestation(descriptor)) {
      const config = parsed.config.digest;
      images.push({ manifest: digest, config, contents: contentsOf(config, layers) });
    } else {
      companions.push(digest, ...[parsed.config.digest, ...layers].filter((blob) => archive.blobs.has(blob)));
    }
  };
  await visit(entry, 0);
  return { target: entry.digest, images, companions };
}

function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.['vnd.docker.reference.type'] === 'attestation-manifest';
}

/** containerd's name is whole; the specification's may be a bare tag or any other text, which names no repository. */
function nameIn({ annotations = {} }: Descriptor): Reference | undefined {
  const whole = annotations[nameAnnotations.name];
  const text = whole ?? annotations[nameAnnotations.refName];
  if (text === undefined || (whole === undefined && !/[/:]/.test(text))) return undefined;
  try {
    const reference = parseReference(text);
    return reference.digest === undefined ? taggable(reference) : undefined;
  } catch (error) {
    if (whole === undefined) return undefined;
    throw invalidList(`index.json has the invalid image name "${whole.slice(0, 300)}"`, error);
  }
}
