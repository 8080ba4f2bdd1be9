import { GantryError } from '#errors';
import type { LayerSource, UnpackOptions, UnpackResult } from '#layer';
import type { BlobRecord, LayerRecord } from '#metadata';
import type { Snapshots } from '#snapshot';
import { layerSource } from './blobs.ts';
import type { Engine } from './engine.ts';
import { type LayerPlan, snapshotKey } from './layer-plan.ts';
import { createLayerStack, type LayerStack } from './layer-stack.ts';

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

/** Reads the layer of a plan, verified, into a directory or nowhere. */
type Unpack = (into?: Pick<UnpackOptions, 'target' | 'mode'>) => Promise<UnpackResult>;

/** What one image's layers are read with. */
interface Reading {
  readonly engine: Engine;
  readonly snapshots: Snapshots;
  readonly stack: LayerStack;
  readonly signal: AbortSignal;
}

/** A reader for the layers of one image; `signal` ends what still waits for a lower layer. */
export function createLayerReader(
  engine: Engine,
  plans: readonly LayerPlan[],
  signal: AbortSignal,
): LayerReader {
  const { content, metadata, unpacker } = engine;
  const snapshots = engine.unpacking?.when === 'eager' ? engine.unpacking.snapshots : undefined;
  const stack = createLayerStack(plans.length, signal);

  return {
    async known(plan) {
      const facts = await metadata.blob(plan.descriptor.digest);
      if (facts?.diffId !== plan.diffId || (await content.stat(plan.descriptor.digest)) === undefined)
        return undefined;
      if (snapshots !== undefined) {
        const key = snapshotKey(plan, await metadata.blobsByDiffId(plan.diffId));
        if ((await snapshots.stat(key)) === undefined) return undefined;
        stack.put(plan.position, key);
      }
      return layerRecord(plan, facts.size);
    },

    async read(plan, { growing, onProgress } = {}) {
      const blob = plan.descriptor.digest;
      const options = { signal, ...(onProgress === undefined ? {} : { onProgress }) };
      const unpack: Unpack = async (into = {}) => {
        // Looked for at the last moment: a blob that has become whole is no longer where it grew.
        const whole = growing === undefined || (await content.stat(blob)) !== undefined;
        const source = whole ? layerSource(content, blob) : growing;
        return verified(plan, await unpacker.unpack(source, { ...options, ...into }));
      };
      if (snapshots === undefined) return record(engine, plan, summary(await unpack()));
      const reading = { engine, snapshots, stack, signal };
      return (await unpackAlone(reading, plan, unpack)) ?? (await unpackAbove(reading, plan, unpack));
    },
  };
}

/** Unpacks a layer that is right on top of any other; answers undefined when it is none. */
async function unpackAlone(
  reading: Reading,
  plan: LayerPlan,
  unpack: Unpack,
): Promise<LayerRecord | undefined> {
  const { engine, snapshots, stack, signal } = reading;
  await using prepared = await snapshots.prepare(plan.diffId, { signal });
  const adopted = await adopt(reading, plan, unpack);
  if (adopted !== undefined) return adopted;
  const isBase = plan.position === 0;
  if (!isBase && (await dependsOnLower(engine, plan))) return undefined;
  const result = await unpack({ target: prepared.directory, mode: isBase ? 'base' : 'alone' });
  if (!isBase && result.dependsOnLower !== undefined) {
    // For those who wait for this turn: they need not find it out again.
    await record(engine, plan, summary(result));
    return undefined;
  }
  await prepared.commit(plan.diffId, result.size, result);
  stack.put(plan.position, plan.diffId);
  return await record(engine, plan, summary(result));
}

/** Unpacks a layer that is right only above those below it, once they are there. */
async function unpackAbove(reading: Reading, plan: LayerPlan, unpack: Unpack): Promise<LayerRecord> {
  const { engine, snapshots, stack, signal } = reading;
  // Waited for without holding the turn: two images that hold the same layers in another order would wait for
  // each other.
  const below = await stack.below(plan.position);
  await using prepared = await snapshots.prepare(plan.diffId, { signal });
  const adopted = await adopt(reading, plan, unpack);
  if (adopted !== undefined) return adopted;
  const { target } = await prepared.mountAbove(below);
  const result = await unpack({ target, mode: 'merged' });
  await prepared.commit(plan.chainId, result.size);
  stack.put(plan.position, plan.chainId);
  return await record(engine, plan, { ...summary(result), dependsOnLower: true });
}

/** Whether the layer is known, from whichever blob, to be right only above those that it was made on. */
async function dependsOnLower({ metadata }: Engine, { diffId }: LayerPlan): Promise<boolean> {
  return (await metadata.blobsByDiffId(diffId)).some((facts) => facts.dependsOnLower);
}

/**
 * Takes the directory that another image, or another process, has made of the same layer. A new blob is read all
 * the same: that its bytes are this layer is not yet known.
 */
async function adopt(
  { engine, snapshots, stack }: Reading,
  plan: LayerPlan,
  unpack: Unpack,
): Promise<LayerRecord | undefined> {
  const facts = await engine.metadata.blobsByDiffId(plan.diffId);
  // Without facts the directory at the diff id may be that of a lowest layer, which is right nowhere else.
  const snapshot = facts.length === 0 ? undefined : await snapshots.stat(snapshotKey(plan, facts));
  if (snapshot === undefined) return undefined;
  const own = facts.find(({ blob }) => blob === plan.descriptor.digest) ?? summary(await unpack());
  stack.put(plan.position, snapshot.key);
  return record(engine, plan, { ...own, dependsOnLower: await dependsOnLower(engine, plan) });
}

async function record(
  { metadata }: Engine,
  plan: LayerPlan,
  { diffId, tarSize, size, dependsOnLower }: Omit<BlobRecord, 'blob'>,
): Promise<LayerRecord> {
  const blob = plan.descriptor.digest;
  await metadata.commit([{ put: 'blob', blob: { blob, diffId, tarSize, size, dependsOnLower } }]);
  return layerRecord(plan, size);
}

function layerRecord({ descriptor, diffId, chainId }: LayerPlan, size: number): LayerRecord {
  return { blob: descriptor.digest, diffId, chainId, size };
}

function summary({ statesRoot: _, ...result }: UnpackResult): Omit<BlobRecord, 'blob'> {
  return { ...result, dependsOnLower: result.dependsOnLower !== undefined };
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
