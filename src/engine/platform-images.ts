import { findError } from '#errors';
import type { ImageRecord } from '#metadata';
import {
  type Descriptor,
  type Digest,
  type ImageIndex,
  type ImageManifest,
  isDigest,
  isIndexType,
  isManifestType,
  mediaTypes,
  parseImageId,
  parseManifest,
  type Platform,
  selectManifest,
} from '#oci';
import { readDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import { isImageManifest } from './image-manifest.ts';

/** A manifest that a name's target names: the target itself, or a child of the index that it is. */
export interface TargetManifest {
  /** As the index has it, with the platform that it tells. */
  readonly descriptor: Descriptor;
  readonly kind: 'image' | 'attestation' | 'unknown';
  /** The image that an attestation speaks of, by its manifest. */
  readonly attests: Digest | undefined;
  /** The document, when its bytes are here. */
  readonly manifest: ImageManifest | undefined;
  /** The image made of it, when that is here. */
  readonly image: ImageRecord | undefined;
}

/** What a name stands for, as far as it is here. */
export interface TargetContents {
  /** The indexes, the target first; none when the target is a manifest. */
  readonly indexes: readonly { readonly digest: Digest; readonly index: ImageIndex }[];
  readonly manifests: readonly TargetManifest[];
  /** Whether every index and manifest that is named is here. */
  readonly complete: boolean;
}

/** An index may hold indexes; more levels than this are no image. */
export const maxIndexDepth = 4;

/** Reads `target`, a manifest or an index, and the documents below it that are here, each once. */
export async function readTarget(engine: Engine, target: Digest): Promise<TargetContents> {
  const indexes: { digest: Digest; index: ImageIndex }[] = [];
  const manifests: TargetManifest[] = [];
  const seen = new Set<Digest>();
  let complete = true;

  const visit = async (descriptor: Descriptor, depth: number): Promise<void> => {
    const { digest, mediaType } = descriptor;
    if (seen.has(digest)) return;
    seen.add(digest);
    const isDocument = isManifestType(mediaType) || isIndexType(mediaType);
    const parsed = isDocument ? await readIfHere(engine, digest) : undefined;
    if (parsed?.kind === 'index') {
      indexes.push({ digest, index: parsed });
      if (depth >= maxIndexDepth) complete = false;
      else for (const child of parsed.manifests) await visit(child, depth + 1);
      return;
    }
    if (parsed === undefined) complete = false;
    manifests.push({ descriptor, ...(await describe(engine, descriptor, parsed)), manifest: parsed });
  };

  const root = await readIfHere(engine, target);
  const size = (await engine.content.stat(target))?.size ?? 0;
  await visit({ mediaType: root?.mediaType ?? mediaTypes.ociManifest, digest: target, size }, 0);
  return { indexes, manifests, complete };
}

async function readIfHere(engine: Engine, digest: Digest): Promise<ImageManifest | ImageIndex | undefined> {
  try {
    return parseManifest(await readDocument(engine.content, digest));
  } catch (error) {
    if (findError(error, { code: 'blob-not-found' }) === undefined) throw error;
    return undefined;
  }
}

async function describe(
  engine: Engine,
  descriptor: Descriptor,
  manifest: ImageManifest | undefined,
): Promise<Pick<TargetManifest, 'kind' | 'attests' | 'image'>> {
  const attests = attestedImage(descriptor);
  if (attests !== undefined) return { kind: 'attestation', attests, image: undefined };
  const isImage = manifest === undefined ? isManifestType(descriptor.mediaType) : isImageManifest(manifest);
  const image =
    isImage && manifest !== undefined
      ? await engine.metadata.image(parseImageId(manifest.config.digest))
      : undefined;
  return { kind: isImage ? 'image' : 'unknown', attests, image };
}

/** The image of which an attestation speaks; undefined for what is none (BuildKit's attestation storage). */
function attestedImage({ annotations = {} }: Descriptor): Digest | undefined {
  if (annotations['vnd.docker.reference.type'] !== 'attestation-manifest') return undefined;
  const digest = annotations['vnd.docker.reference.digest'] ?? '';
  return isDigest(digest) ? digest : undefined;
}

/** The images among `manifests` that are here, in the index's order. */
export function imagesHere(manifests: readonly TargetManifest[]): readonly ImageRecord[] {
  return [...new Map(manifests.flatMap(({ image }) => (image ? [[image.id, image]] : []))).values()];
}

/** The image to run on `platform`, the best first of equals; undefined when none suits. */
export function imageFor(platform: Platform, images: readonly ImageRecord[]): ImageRecord | undefined {
  const manifests = images.map((image) => ({
    mediaType: mediaTypes.ociManifest,
    digest: image.id,
    size: 0,
    platform: platformOf(image),
  }));
  const best = selectManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests }, platform);
  return images.find(({ id }) => id === best?.digest);
}

export function platformOf({ os, architecture, variant }: ImageRecord): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
