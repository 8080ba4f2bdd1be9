import type { ImageRecord, LayerRecord } from '#metadata';
import { decompress, gzip } from '#layer';
import {
  type Descriptor,
  type Digest,
  digestOf,
  encodeManifest,
  type ImageManifest,
  mediaTypes,
  parseManifest,
} from '#oci';
import { readDocument, storeUpload, writeDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import { type Hold, withLease } from './lease.ts';
import { layerMediaType } from './sniff.ts';

/** A manifest as it goes to a registry. */
export interface PushableManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly manifest: ImageManifest;
}

/**
 * The manifest `digest` of `image` as it goes to a registry: byte for byte as it is, unless it has layers that
 * are neither compressed nor known to any registry (a loaded archive, an import). Those are compressed once, and
 * the image is kept by the new manifest from then on; its id stays.
 */
export async function pushableManifest(
  engine: Engine,
  image: ImageRecord,
  { digest, signal }: { digest: Digest; signal: AbortSignal },
): Promise<PushableManifest> {
  const bytes = await readDocument(engine.content, digest);
  const manifest = parseManifest(bytes);
  if (manifest.kind === 'index') {
    return pushableManifest(engine, image, { digest: image.manifest, signal });
  }
  const plain = new Set<Digest>();
  for (const { mediaType, digest: blob } of manifest.layers) {
    if (!plainTypes.has(mediaType)) continue;
    // What a registry holds as it is has a digest that others know.
    if ((await engine.metadata.sources(blob)).length === 0) plain.add(blob);
  }
  if (plain.size === 0) return { bytes, digest, manifest };
  return withLease(engine, (hold) => compressed(engine, image, { original: manifest, plain, hold, signal }));
}

interface Work {
  readonly hold: Hold;
  readonly signal: AbortSignal;
}

const plainTypes: ReadonlySet<string> = new Set([mediaTypes.ociLayer, mediaTypes.dockerLayer]);

async function compressed(
  engine: Engine,
  image: ImageRecord,
  { original, plain, ...work }: Work & { original: ImageManifest; plain: ReadonlySet<Digest> },
): Promise<PushableManifest> {
  const layers: Descriptor[] = [];
  for (const [position, descriptor] of original.layers.entries()) {
    const layer = image.layers[position];
    if (layer === undefined) throw new RangeError('one layer for each descriptor');
    const isPlain = plain.has(descriptor.digest);
    layers.push(
      isPlain ? await compressLayer(engine, { ...layer, blob: descriptor.digest }, work) : descriptor,
    );
  }
  const manifest: ImageManifest = {
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config: { ...original.config, mediaType: mediaTypes.ociConfig },
    layers,
  };
  const bytes = encodeManifest(manifest);
  const digest = digestOf(bytes);
  await work.hold([digest]);
  await writeDocument(engine.content, bytes);
  const blobs = layers.map((layer) => layer.digest);
  const records = image.layers.map((layer, position) => ({ ...layer, blob: blobs[position] ?? layer.blob }));
  const content = [...new Set([...image.content, digest, ...blobs])];
  await engine.metadata.commit([
    { put: 'image', image: { ...image, manifest: digest, layers: records, content } },
  ]);
  return { bytes, digest, manifest };
}

/** The layer as a gzip blob: one that is here already, or a new one. */
async function compressLayer(
  engine: Engine,
  { blob, diffId }: LayerRecord,
  { hold, signal }: Work,
): Promise<Descriptor> {
  const { content, metadata } = engine;
  const known = (await metadata.blobsByDiffId(diffId)).map((facts) => facts.blob);
  await hold(known);
  for (const other of known) {
    const info = other === blob ? undefined : await content.stat(other);
    const mediaType = info === undefined ? mediaTypes.ociLayer : await layerMediaType(engine, other);
    if (info !== undefined && !plainTypes.has(mediaType)) return { mediaType, ...info };
  }
  const { digest, size } = await storeUpload(content, `compress-${engine.uniqueId()}`, {
    // What the media types call plain may be in xz or bzip2, which no registry's clients read.
    source: gzip(decompress(content.read(blob))),
    signal,
  });
  await hold([digest]);
  const facts = await metadata.blob(blob);
  if (facts !== undefined) await metadata.commit([{ put: 'blob', blob: { ...facts, blob: digest } }]);
  return { mediaType: mediaTypes.ociLayerGzip, digest, size };
}
