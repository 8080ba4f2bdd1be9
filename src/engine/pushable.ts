import type { ImageRecord, LayerRecord } from '#metadata';
import { gzip } from '#layer';
import {
  type Descriptor,
  type Digest,
  encodeManifest,
  type ImageManifest,
  mediaTypes,
  parseManifest,
} from '#oci';
import { readDocument, storeUpload, writeDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import { layerMediaType } from './sniff.ts';

/** A manifest as it goes to a registry. */
export interface PushableManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly manifest: ImageManifest;
}

/**
 * The manifest `digest` of `image` as it goes to a registry: byte for byte as it is, unless it has layers that
 * are not compressed (a loaded archive, an import). Those are compressed once, and the image is kept by the new
 * manifest from then on; its id stays.
 */
export async function pushableManifest(
  engine: Engine,
  image: ImageRecord,
  digest: Digest,
): Promise<PushableManifest> {
  const bytes = await readDocument(engine.content, digest);
  const manifest = parseManifest(bytes);
  if (manifest.kind === 'index') return pushableManifest(engine, image, image.manifest);
  if (!manifest.layers.some(isPlain)) return { bytes, digest, manifest };
  return compressed(engine, image, manifest);
}

function isPlain({ mediaType }: Descriptor): boolean {
  return mediaType === mediaTypes.ociLayer || mediaType === mediaTypes.dockerLayer;
}

async function compressed(
  engine: Engine,
  image: ImageRecord,
  original: ImageManifest,
): Promise<PushableManifest> {
  const layers: Descriptor[] = [];
  const records: LayerRecord[] = [];
  for (const [position, layer] of image.layers.entries()) {
    const descriptor = original.layers[position];
    if (descriptor === undefined) throw new RangeError('one descriptor for each layer');
    const stored = isPlain(descriptor) ? await compressLayer(engine, layer) : descriptor;
    layers.push(stored);
    records.push({ ...layer, blob: stored.digest });
  }
  const manifest: ImageManifest = {
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config: { ...original.config, mediaType: mediaTypes.ociConfig },
    layers,
  };
  const bytes = encodeManifest(manifest);
  const digest = await writeDocument(engine.content, bytes);
  await engine.metadata.commit([
    {
      put: 'image',
      image: {
        ...image,
        manifest: digest,
        layers: records,
        content: [...new Set([...image.content, digest, ...records.map(({ blob }) => blob)])],
      },
    },
  ]);
  return { bytes, digest, manifest };
}

/** The layer as a gzip blob: one that is here already, or a new one. */
async function compressLayer(engine: Engine, layer: LayerRecord): Promise<Descriptor> {
  const { content, metadata } = engine;
  for (const { blob } of await metadata.blobsByDiffId(layer.diffId)) {
    const info = blob === layer.diffId ? undefined : await content.stat(blob);
    if (info !== undefined) {
      return { mediaType: await layerMediaType(engine, blob), digest: blob, size: info.size };
    }
  }
  const { digest, size } = await storeUpload(content, `compress-${engine.uniqueId()}`, {
    source: gzip(content.read(layer.blob)),
  });
  const facts = await metadata.blob(layer.blob);
  if (facts !== undefined) await metadata.commit([{ put: 'blob', blob: { ...facts, blob: digest } }]);
  return { mediaType: mediaTypes.ociLayerGzip, digest, size };
}
