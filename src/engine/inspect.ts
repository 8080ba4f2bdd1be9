import { GantryError } from '#errors';
import type { ImageRecord } from '#metadata';
import {
  type Descriptor,
  formatPlatform,
  type ImageConfig,
  matchesPlatform,
  parseManifest,
  type Platform,
} from '#oci';
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
 * All that is known of one image.
 *
 * @throws not-found `image-not-found`, `image-platform` when the image is for another platform than asked for
 */
export async function inspectImage(
  engine: Engine,
  name: string,
  { platform }: { platform?: Platform } = {},
): Promise<ImageDetails> {
  const { image } = await resolveImage(engine, name);
  requirePlatform(image, name, platform);
  const bytes = await readDocument(engine.content, image.manifest);
  return {
    record: image,
    config: await readConfig(engine.content, image.id),
    ...familiarNames(await engine.metadata.namesOf(image.id)),
    manifest: { mediaType: parseManifest(bytes).mediaType, digest: image.manifest, size: bytes.length },
    directories: await layerDirectories(engine, image),
  };
}

/** @throws not-found `image-platform`, in docker's words (moby daemon/images/image.go) */
export function requirePlatform(image: ImageRecord, name: string, wanted: Platform | undefined): void {
  if (wanted === undefined) return;
  const offered = platformOf(image);
  if (matchesPlatform(wanted, offered)) return;
  throw new GantryError(
    'not-found',
    'image-platform',
    `image with reference ${name} was found but its platform (${formatPlatform(offered)}) does not match the specified platform (${formatPlatform(wanted)})`,
    { subject: { image: name } },
  );
}

export function platformOf({ os, architecture, variant }: ImageRecord): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

async function layerDirectories(engine: Engine, image: ImageRecord): Promise<string[] | undefined> {
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
