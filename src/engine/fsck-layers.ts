import { GantryError, isAbort, toError } from '#errors';
import type { UnpackResult } from '#layer';
import type { BlobRecord } from '#metadata';
import { digestOf } from '#oci';
import type { Snapshots } from '#snapshot';
import { layerSource } from './blobs.ts';
import type { Engine } from './engine.ts';
import type { Check, FsckContext } from './fsck-finding.ts';
import { plansOf } from './fsck-record.ts';
import { type LayerPlan, snapshotKey } from './layer-plan.ts';
import { createLayerReader, type LayerReader } from './read-layer.ts';

/** Compares what is remembered of each layer, and the directory that was made of it, with its bytes. */
export async function* checkLayers(engine: Engine, context: FsckContext): AsyncGenerator<Check> {
  const { plans } = await plansOf(engine, context.image);
  const reader = createLayerReader(engine, plans, context.signal);
  for (const plan of plans) {
    yield* checkFacts(engine, plan, context);
    if (engine.unpacking?.when !== 'eager') continue;
    const { snapshots } = engine.unpacking;
    const key = snapshotKey(plan, await engine.metadata.blobsByDiffId(plan.diffId));
    const detail = await snapshotFault(snapshots, key);
    // Notes where the layer is, for those above it; those that are bad do it when they are made again.
    if (detail === undefined && (await reader.known(plan)) !== undefined) continue;
    const problem = {
      code: detail === undefined || detail === missing ? 'snapshot-missing' : 'snapshot-damaged',
      digest: key,
      detail: detail ?? missing,
    } as const;
    const repair = async () => {
      await snapshots.remove(key);
      await demandBelow(reader, plans, plan);
      await reader.read(plan);
    };
    yield { problem, repair };
  }
}

const missing = 'the layer is not unpacked';

/** A layer that depends on those below would wait for them without end. */
async function demandBelow(
  reader: LayerReader,
  plans: readonly LayerPlan[],
  { position }: LayerPlan,
): Promise<void> {
  for (const plan of plans.slice(0, position)) {
    if ((await reader.known(plan)) !== undefined) continue;
    throw new GantryError(
      'conflict',
      'layer-below-missing',
      `the layer ${plan.diffId} below it is not there`,
    );
  }
}

async function snapshotFault(
  snapshots: Snapshots,
  key: Parameters<Snapshots['stat']>[0],
): Promise<string | undefined> {
  try {
    return (await snapshots.stat(key)) === undefined ? missing : undefined;
  } catch (error) {
    return toError(error).message;
  }
}

async function* checkFacts(
  engine: Engine,
  plan: LayerPlan,
  { deep, signal }: FsckContext,
): AsyncGenerator<Check> {
  const blob = plan.descriptor.digest;
  const read = () => engine.unpacker.unpack(layerSource(engine.content, blob), { signal });
  const facts = await engine.metadata.blob(blob);
  const info = await engine.content.stat(blob);
  const isPlain = facts?.diffId === plan.diffId && info?.size === plan.descriptor.size;
  const detail = !isPlain
    ? 'its size or its diff id is not what the image says'
    : deep
      ? await compareWithBytes(facts, read)
      : undefined;
  if (detail === undefined) return;
  const repair = async () => {
    const { diffId, tarSize, size } = await read();
    const dependsOnLower = facts?.dependsOnLower ?? false;
    await engine.metadata.commit([{ put: 'blob', blob: { blob, diffId, tarSize, size, dependsOnLower } }]);
  };
  yield { problem: { code: 'fact-differs', digest: blob, detail }, repair };
}

async function compareWithBytes(
  facts: BlobRecord,
  read: () => Promise<UnpackResult>,
): Promise<string | undefined> {
  try {
    const found = await read();
    const isSame =
      found.diffId === facts.diffId && found.tarSize === facts.tarSize && found.size === facts.size;
    return isSame ? undefined : `it holds ${found.diffId} of ${found.tarSize} bytes, ${found.size} in files`;
  } catch (error) {
    if (isAbort(error)) throw error;
    return `it cannot be unpacked: ${toError(error).message}`;
  }
}

/** With `deep`, mounts the image's layers on each other, in a place of its own, and unmounts them. */
export async function* checkMount(
  engine: Engine,
  { image, deep, signal }: FsckContext,
): AsyncGenerator<Check> {
  if (!deep || engine.unpacking?.when !== 'eager' || image.layers.length === 0) return;
  const { snapshots } = engine.unpacking;
  const { plans } = await plansOf(engine, image);
  const keys = await Promise.all(
    plans.map(async (plan) => snapshotKey(plan, await engine.metadata.blobsByDiffId(plan.diffId))),
  );
  try {
    const place = digestOf(Buffer.from(`mount of ${image.id}`));
    await using prepared = await snapshots.prepare(place, { signal });
    await prepared.mountAbove(keys);
  } catch (error) {
    if (isAbort(error)) throw error;
    const detail = `its layers cannot be mounted: ${toError(error).message}`;
    // Which of them is to blame is not known: all are made again.
    const repair = async () => {
      for (const key of keys) await snapshots.remove(key);
      const reader = createLayerReader(engine, plans, signal);
      for (const plan of plans) await reader.read(plan);
    };
    yield { problem: { code: 'mount-fails', digest: image.id, detail }, repair };
  }
}
