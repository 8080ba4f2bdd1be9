import { toError } from '#errors';
import type { ImageRecord, LayerRecord } from '#metadata';
import { type Digest, type ImageConfig, type ImageManifest, parseManifest } from '#oci';
import { layerSource, readConfig, readDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import type { Check } from './fsck-finding.ts';
import { type LayerPlan, planLayers } from './layer-plan.ts';
import { recordOf } from './record.ts';

/** What the manifest and the config of an image say of its layers, base first. */
export async function plansOf(
  { content }: Engine,
  { id, manifest: digest }: ImageRecord,
): Promise<{ manifest: ImageManifest; config: ImageConfig; plans: readonly LayerPlan[] }> {
  const manifest = parseManifest(await readDocument(content, digest));
  if (manifest.kind === 'index') throw new TypeError(`${digest} is an index`);
  const config = await readConfig(content, id);
  return { manifest, config, plans: planLayers(manifest, config) };
}

/** Compares the image's record with the documents that it was made from; repaired, it is made from them again. */
export async function* checkRecord(engine: Engine, image: ImageRecord): AsyncGenerator<Check> {
  const differs = (detail: string) => ({ code: 'record-differs', digest: image.id, detail }) as const;
  let documents;
  try {
    documents = await plansOf(engine, image);
  } catch (error) {
    const problem = differs(`its documents cannot be read: ${toError(error).message}`);
    // They have their digests: nothing that could be fetched would be better.
    yield { problem, repair: () => Promise.reject(toError(error)) };
    return;
  }
  const { manifest, config, plans } = documents;
  const told = plans.map(({ descriptor, diffId, chainId }) => `${descriptor.digest} ${diffId} ${chainId}`);
  const kept = image.layers.map(({ blob, diffId, chainId }) => `${blob} ${diffId} ${chainId}`);
  const isSame =
    told.join() === kept.join() && manifest.config.digest === image.id && config.created === image.created;
  if (isSame) return;
  const repair = async () => {
    const layers: LayerRecord[] = [];
    for (const { descriptor, diffId, chainId } of plans) {
      const blob = descriptor.digest;
      layers.push({ blob, diffId, chainId, size: await layerSize(engine, blob) });
    }
    const facts = { id: image.id, config, manifest: image.manifest, layers, content: image.content };
    await engine.metadata.commit([{ put: 'image', image: await recordOf(engine, facts) }]);
  };
  yield { problem: differs('its record tells of other layers than its manifest and config'), repair };
}

/** Bytes of the layer's files, as they were found when it was read, or now. */
async function layerSize({ content, metadata, unpacker }: Engine, blob: Digest): Promise<number> {
  const facts = (await metadata.blob(blob)) ?? (await unpacker.unpack(layerSource(content, blob)));
  return facts.size;
}
