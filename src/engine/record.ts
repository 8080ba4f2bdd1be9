import type { ImageRecord, LayerRecord } from '#metadata';
import type { Digest, ImageConfig, ImageId } from '#oci';
import type { Engine } from './engine.ts';

/** What an image record is made from. */
export interface NewImage {
  readonly id: ImageId;
  readonly config: ImageConfig;
  readonly manifest: Digest;
  readonly layers: readonly LayerRecord[];
  /** The indexes that led to the manifest, and whatever else the image needs kept. */
  readonly content: readonly Digest[];
  readonly parent?: ImageId;
}

/**
 * The record of a new image. When the image is known already, by another manifest perhaps, all that it needed
 * before is kept.
 */
export async function recordOf(
  engine: Engine,
  { id, config, manifest, layers, content, parent }: NewImage,
): Promise<ImageRecord> {
  const known = await engine.metadata.image(id);
  const blobs = layers.map(({ blob }) => blob);
  return {
    id,
    manifest,
    created: config.created,
    size: layers.reduce((sum, { size }) => sum + size, 0),
    os: config.os,
    architecture: config.architecture,
    variant: config.variant,
    labels: config.config.Labels ?? undefined,
    parent: parent ?? known?.parent,
    lastTagged: known?.lastTagged,
    layers,
    content: [...new Set([...(known?.content ?? []), manifest, id, ...blobs, ...content])],
  };
}
