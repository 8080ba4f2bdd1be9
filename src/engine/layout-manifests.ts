import {
  type Descriptor,
  type Digest,
  digestOf,
  type ImageIndex,
  isIndexType,
  isManifestType,
  mediaTypes,
  parseManifest,
  parseReference,
  type Platform,
  type Reference,
  selectManifest,
} from '#oci';
import { nameAnnotations } from './archive-names.ts';
import type { Archive } from './archive-reader.ts';
import { readDocument } from './blobs.ts';
import { invalidList } from './docker-list.ts';
import type { Engine } from './engine.ts';
import { isImageManifest } from './image-manifest.ts';
import { taggable } from './tag.ts';

/** An image's manifest in an OCI layout, and the name that the layout's index gives it. */
export interface LayoutManifest {
  readonly digest: Digest;
  /** As `contentsOf` makes it. */
  readonly contents: Digest;
  readonly name: Reference | undefined;
}

/** An index may hold indexes; more levels than this are no layout. */
const maxDepth = 4;

/** One digest for a config and its layers: what makes two manifests of the same blobs equal. */
export function contentsOf(config: Digest, layers: readonly Digest[]): Digest {
  return digestOf(Buffer.from([config, ...layers].join('\n')));
}

/**
 * The images of the layout in `archive`, in the order of its index: one an entry. Of a nested index it is the image
 * for `platform`, or any that the archive has: it may hold another machine's image only. Artifacts and attestations
 * are passed over.
 *
 * @throws corrupt `archive-manifest`, `manifest-invalid`
 */
export async function layoutManifests(
  engine: Engine,
  archive: Archive,
  { index: root, platform }: { index: Digest; platform: Platform },
): Promise<readonly LayoutManifest[]> {
  type Found = Omit<LayoutManifest, 'name'>;
  // Each document is read once: an index may name another one as often as it likes.
  const seen = new Map<Digest, Found | undefined>();

  const find = async (descriptor: Descriptor, depth: number): Promise<Found | undefined> => {
    const { digest } = descriptor;
    if (!archive.blobs.has(digest) || !mayLeadToImage(descriptor)) return undefined;
    if (seen.has(digest)) return seen.get(digest);
    const found = await read(descriptor, depth);
    seen.set(digest, found);
    return found;
  };

  const read = async ({ digest, mediaType }: Descriptor, depth: number): Promise<Found | undefined> => {
    const parsed = parseManifest(await readDocument(engine.content, digest), mediaType);
    if (parsed.kind === 'manifest') {
      if (!isImageManifest(parsed)) return undefined;
      const layers = parsed.layers.map((layer) => layer.digest);
      return { digest, contents: contentsOf(parsed.config.digest, layers) };
    }
    for (const child of depth < maxDepth ? childrenByPreference(parsed, platform) : []) {
      const found = await find(child, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const index = parseManifest(await readDocument(engine.content, root), mediaTypes.ociIndex);
  if (index.kind !== 'index') throw invalidList('index.json is no image index');
  const manifests: LayoutManifest[] = [];
  for (const descriptor of index.manifests) {
    const found = await find(descriptor, 0);
    if (found !== undefined) manifests.push({ ...found, name: nameIn(descriptor) });
  }
  return manifests;
}

function mayLeadToImage({ mediaType, annotations }: Descriptor): boolean {
  return (
    (isManifestType(mediaType) || isIndexType(mediaType)) &&
    annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest'
  );
}

function childrenByPreference(index: ImageIndex, platform: Platform): readonly Descriptor[] {
  const fitting = selectManifest(index, platform);
  return fitting === undefined ? index.manifests : [fitting, ...index.manifests];
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
