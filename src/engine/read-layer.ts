import { GantryError } from '#errors';
import type { LayerSource, UnpackResult } from '#layer';
import type { BlobRecord, LayerRecord } from '#metadata';
import { chainIds, type Descriptor, type Digest, type ImageConfig, type ImageManifest } from '#oci';
import { layerSource } from './blobs.ts';
import type { Engine } from './engine.ts';

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

/** Reads layers that are in the store, or are just coming into it. */
export interface LayerReader {
  /** The layer's record when there is nothing left to do: its blob is here, read before, and unpacked if it has to be. */
  known(plan: LayerPlan): Promise<LayerRecord | undefined>;

  /**
   * Reads the blob, verifies its diff id, and unpacks it where the engine does. With `growing` it follows a blob
   * that is still being written.
   *
   * @throws corrupt `layer-diff-id`, and what the unpacker throws
   */
  read(
    plan: LayerPlan,
    options?: { growing?: LayerSource; onProgress?: (bytes: number) => void },
  ): Promise<LayerRecord>;
}

/** A reader for the layers of one image; `signal` ends what still waits for a lower layer. */
export function createLayerReader(
  engine: Engine,
  plans: readonly LayerPlan[],
  signal: AbortSignal,
): LayerReader {
  const { content, metadata, unpacker } = engine;
  const snapshots = engine.unpacking?.when === 'eager' ? engine.unpacking.snapshots : undefined;
  /** The snapshot key of each layer, once it is unpacked. */
  const keys = plans.map(() => Promise.withResolvers<Digest>());
  const unpacked = ({ position }: LayerPlan, key: Digest) => keys[position]?.resolve(key);

  const keysBelow = async (position: number) => {
    const below = Promise.all(keys.slice(0, position).map(({ promise }) => promise));
    return Promise.race([below, aborted(signal)]);
  };

  const findSnapshot = async (plan: LayerPlan) => {
    const [facts] = await metadata.blobsByDiffId(plan.diffId);
    if (facts === undefined) return undefined;
    const snapshot = await snapshots?.stat(snapshotKey(plan, facts));
    return snapshot === undefined ? undefined : { snapshot, facts };
  };

  const record = async (plan: LayerPlan, facts: Omit<BlobRecord, 'blob'>) => {
    const blob = plan.descriptor.digest;
    const { diffId, tarSize, size, dependsOnLower } = facts;
    await metadata.commit([{ put: 'blob', blob: { blob, diffId, tarSize, size, dependsOnLower } }]);
    return layerRecord(plan, size);
  };

  return {
    async known(plan) {
      const facts = await metadata.blob(plan.descriptor.digest);
      if (facts?.diffId !== plan.diffId || (await content.stat(plan.descriptor.digest)) === undefined)
        return undefined;
      if (snapshots !== undefined) {
        const key = snapshotKey(plan, facts);
        if ((await snapshots.stat(key)) === undefined) return undefined;
        unpacked(plan, key);
      }
      return layerRecord(plan, facts.size);
    },

    async read(plan, { growing, onProgress } = {}) {
      const source = growing ?? layerSource(content, plan.descriptor.digest);
      const options = { signal, ...(onProgress === undefined ? {} : { onProgress }) };
      if (snapshots === undefined)
        return record(plan, summary(verified(plan, await unpacker.unpack(source, options))));
      {
        await using prepared = await snapshots.prepare(plan.diffId, { signal });
        // Another image, or another process, may have unpacked it while this one waited for its turn. The blob is
        // read all the same when it is new: that its bytes are this layer is not yet known.
        const found = await findSnapshot(plan);
        if (found !== undefined) {
          const known = await metadata.blob(plan.descriptor.digest);
          const facts = known ?? summary(verified(plan, await unpacker.unpack(source, options)));
          unpacked(plan, found.snapshot.key);
          return await record(plan, { ...facts, dependsOnLower: found.facts.dependsOnLower });
        }
        const result = verified(
          plan,
          await unpacker.unpack(source, {
            ...options,
            target: prepared.directory,
            mode: plan.position === 0 ? 'base' : 'alone',
          }),
        );
        if (plan.position === 0 || result.dependsOnLower === undefined) {
          await prepared.commit(plan.diffId, result.size);
          unpacked(plan, plan.diffId);
          return await record(plan, summary(result));
        }
      }
      // The turn is given back before waiting for the lower layers: two images that hold the same layers in
      // another order would wait for each other.
      const below = await keysBelow(plan.position);
      await using prepared = await snapshots.prepare(plan.diffId, { signal });
      const { target } = await prepared.mountAbove(below);
      const result = verified(
        plan,
        await unpacker.unpack(layerSource(content, plan.descriptor.digest), {
          ...options,
          target,
          mode: 'merged',
        }),
      );
      await prepared.commit(plan.chainId, result.size);
      unpacked(plan, plan.chainId);
      return await record(plan, { ...summary(result), dependsOnLower: true });
    },
  };
}

/** Under which key the layer's directory is kept. */
export function snapshotKey(
  { diffId, chainId }: Pick<LayerPlan, 'diffId' | 'chainId'>,
  facts: Pick<BlobRecord, 'dependsOnLower'>,
): Digest {
  return facts.dependsOnLower ? chainId : diffId;
}

function summary(result: UnpackResult): Omit<BlobRecord, 'blob'> {
  return { ...result, dependsOnLower: result.dependsOnLower !== undefined };
}

function layerRecord({ descriptor, diffId, chainId }: LayerPlan, size: number): LayerRecord {
  return { blob: descriptor.digest, diffId, chainId, size };
}

/** @throws corrupt `layer-diff-id` when the layer is not the one that the config tells of */
function verified(plan: LayerPlan, result: UnpackResult): UnpackResult {
  if (result.diffId === plan.diffId) return result;
  throw new GantryError(
    'corrupt',
    'layer-diff-id',
    `layers from manifest don't match image configuration: layer ${plan.descriptor.digest} holds ${result.diffId}, not ${plan.diffId}`,
    { subject: { blob: plan.descriptor.digest, diffId: plan.diffId } },
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
