import type { ImageRecord } from '#metadata';
import { type Descriptor, parseManifest, type Platform } from '#oci';
import { readDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import { inspectImage } from './inspect.ts';

/** The manifest by which an image is kept, and what it weighs. Sizes are in bytes. */
export interface KeptManifest {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
  /** The manifest, the config and the layers, as they are transferred. */
  readonly contentSize: number;
  /** The files of its layers on disk; 0 when they are not unpacked. */
  readonly unpackedSize: number;
}

/** What is kept of an image. @throws not-found `image-not-found`, `blob-not-found` when it was removed meanwhile */
export async function keptManifest(engine: Engine, image: ImageRecord): Promise<KeptManifest> {
  const { manifest: descriptor, directories } = await inspectImage(engine, image.id);
  const manifest = parseManifest(await readDocument(engine.content, descriptor.digest));
  const parts = manifest.kind === 'manifest' ? [manifest.config, ...manifest.layers] : [];
  const { os, architecture, variant } = image;
  return {
    descriptor,
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    contentSize: parts.reduce((sum, { size }) => sum + size, descriptor.size),
    unpackedSize: directories === undefined ? 0 : image.size,
  };
}
