import type { ImageRecord } from '#metadata';
import { type Descriptor, type ImageConfig, parseManifest, type Platform } from '#oci';
import { readConfig, readDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import { familiarNames } from './images.ts';
import { snapshotKey } from './layer-plan.ts';
import { resolveImage } from './resolve.ts';

export interface ImageDetails {
  readonly record: ImageRecord;
  readonly config: ImageConfig;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  /** The manifest by which the image is kept. */
  readonly manifest: Descriptor;
  /** The directories of its layers, base first; undefined when they are not unpacked. */
  readonly directories: readonly string[] | undefined;
}

/**
 * All that is known of one image: of an index the one for `platform`, or the one that its name points to.
 *
 * @throws not-found `image-not-found`, `image-platform` when no image for the platform is here
 */
export async function inspectImage(
  engine: Engine,
  name: string,
  { platform }: { platform?: Platform } = {},
): Promise<ImageDetails> {
  const { image } = await resolveImage(engine, name, { platform });
  const bytes = await readDocument(engine.content, image.manifest);
  return {
    record: image,
    config: await readConfig(engine.content, image.id),
    ...familiarNames(await engine.metadata.namesOf(image.id)),
    manifest: { mediaType: parseManifest(bytes).mediaType, digest: image.manifest, size: bytes.length },
    directories: await layerDirectories(engine, image),
  };
}

/** The directories of the image's layers, base first; undefined when they are not all unpacked. */
export async function layerDirectories(engine: Engine, image: ImageRecord): Promise<string[] | undefined> {
  const { snapshots } = engine.unpacking ?? {};
  if (snapshots === undefined) return undefined;
  const directories: string[] = [];
  for (const layer of image.layers) {
    const key = snapshotKey(layer, await engine.metadata.blobsByDiffId(layer.diffId));
    const snapshot = await snapshots.stat(key);
    if (snapshot === undefined) return undefined;
    directories.push(snapshot.directory);
  }
  return directories;
}
