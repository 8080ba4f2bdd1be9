import { GantryError } from '#errors';
import type { ImageRecord, LayerRecord } from '#metadata';
import {
  type Descriptor,
  type Digest,
  type ImageConfig,
  maxImageConfigBytes,
  parseImageConfig,
  parseImageId,
} from '#oci';
import { fetchBlob } from '#transfer';
import { readDocument, writeDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import { fetchLayers, type FetchOptions } from './fetch-layers.ts';
import { type LayerPlan, planLayers } from './layer-plan.ts';
import type { Hold } from './lease.ts';
import { createLayerReader } from './read-layer.ts';
import { recordOf } from './record.ts';
import type { RemoteImage, RemoteTarget } from './remote-manifest.ts';

/**
 * Brings all images of `remote` here, one after the other, and with them what is no image but was asked for. The
 * records are not committed yet. Each keeps the indexes that led to it, and the manifests of the others.
 *
 * @throws corrupt `layers-mismatch`, `layer-diff-id`, `blob-digest`; resource-exhausted `document-too-large`; what
 *   the registry, the store and the unpacker throw
 */
export async function fetchImages(
  engine: Engine,
  remote: RemoteTarget,
  { hold, ...from }: FetchOptions & { hold: Hold },
): Promise<readonly ImageRecord[]> {
  await hold([remote.target.digest]);
  const images: ImageRecord[] = [];
  for (const image of remote.images) images.push(await fetchImage(engine, image, { hold, ...from }));
  const companions: Digest[] = [];
  for (const { stored, manifest } of remote.companions) {
    const blobs = [manifest.config, ...manifest.layers];
    const digests = [stored.digest, ...blobs.map(({ digest }) => digest)];
    await hold(digests);
    for (const descriptor of blobs) await fetchWhole(engine, descriptor, from);
    await writeDocument(engine.content, stored.bytes, from.signal);
    companions.push(...digests);
  }
  if (images.length === 1 && companions.length === 0) return images;
  const together = [...remote.images.map(({ stored }) => stored.digest), ...companions];
  return images.map((image) => ({ ...image, content: [...new Set([...image.content, ...together])] }));
}

async function fetchImage(
  engine: Engine,
  { manifest, stored, indexes }: RemoteImage,
  { hold, ...from }: FetchOptions & { hold: Hold },
): Promise<ImageRecord> {
  const blobs = [manifest.config, ...manifest.layers].map(({ digest }) => digest);
  await hold([stored.digest, ...indexes.map(({ digest }) => digest), ...blobs]);
  const config = await fetchConfig(engine, manifest.config, from);
  const plans = planLayers(manifest, config);
  await hold(plans.flatMap(({ diffId, chainId }) => [diffId, chainId]));
  const layers = await layersOfKnownImage(engine, plans, from);
  for (const { bytes } of [...indexes, stored]) await writeDocument(engine.content, bytes, from.signal);
  return recordOf(engine, {
    id: parseImageId(manifest.config.digest),
    config,
    manifest: stored.digest,
    layers,
    content: indexes.map(({ digest }) => digest),
  });
}

async function fetchConfig(engine: Engine, descriptor: Descriptor, from: FetchOptions): Promise<ImageConfig> {
  if (descriptor.size > maxImageConfigBytes) {
    throw new GantryError(
      'resource-exhausted',
      'document-too-large',
      `image config ${descriptor.digest} is said to have ${descriptor.size} bytes, more than a config may have (${maxImageConfigBytes})`,
      { subject: { digest: descriptor.digest } },
    );
  }
  await fetchWhole(engine, descriptor, from);
  return parseImageConfig(await readDocument(engine.content, descriptor.digest));
}

async function fetchWhole(
  engine: Engine,
  descriptor: Descriptor,
  { registry, repository, signal }: FetchOptions,
): Promise<void> {
  await fetchBlob({
    reader: registry,
    repository,
    descriptor,
    store: engine.content,
    signal,
    attempts: engine.limits.downloadAttempts,
  });
}

/** Fetches the layers; without a word of them when all are here, as docker pulls an image that it has. */
async function layersOfKnownImage(
  engine: Engine,
  plans: readonly LayerPlan[],
  from: FetchOptions,
): Promise<readonly LayerRecord[]> {
  const reader = createLayerReader(engine, plans, from.signal);
  const known = await Promise.all(plans.map((plan) => reader.known(plan)));
  const all = known.filter((layer) => layer !== undefined);
  return all.length === plans.length ? all : fetchLayers(engine, plans, from);
}
