import { GantryError } from '#errors';
import type { BlobRecord } from '#metadata';
import { chainIds, type Descriptor, type Digest, type ImageConfig, type ImageManifest } from '#oci';

/** One layer of an image: what its manifest and its config say of it. */
export interface LayerPlan {
  /** Where it stands, from the base (0) up. */
  readonly position: number;
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly chainId: Digest;
}

/** @throws corrupt `layers-mismatch` when manifest and config do not tell of the same number of layers */
export function planLayers(manifest: ImageManifest, config: ImageConfig): readonly LayerPlan[] {
  if (manifest.layers.length !== config.diffIds.length) {
    throw new GantryError(
      'corrupt',
      'layers-mismatch',
      `layers from manifest don't match image configuration: ${manifest.layers.length} layers, ${config.diffIds.length} diff ids`,
      { subject: { config: manifest.config.digest } },
    );
  }
  const chain = chainIds(config.diffIds);
  return manifest.layers.map((descriptor, position) => {
    const [diffId, chainId] = [config.diffIds[position], chain[position]];
    if (diffId === undefined || chainId === undefined) throw new RangeError('one diff id for each layer');
    return { position, descriptor, diffId, chainId };
  });
}

/**
 * Under which key the layer's directory is kept.
 *
 * @param facts of all blobs that hold the layer: one that was only read does not tell on what the layer depends
 */
export function snapshotKey(
  { diffId, chainId }: Pick<LayerPlan, 'diffId' | 'chainId'>,
  facts: readonly Pick<BlobRecord, 'dependsOnLower'>[],
): Digest {
  return facts.some(({ dependsOnLower }) => dependsOnLower) ? chainId : diffId;
}
