import { GantryError } from '#errors';
import { type Descriptor, type Digest, digestOf, encodeManifest, type ImageManifest, mediaTypes } from '#oci';
import { writeDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import type { Hold } from './lease.ts';
import { layerMediaType } from './sniff.ts';

/**
 * Stores a manifest for an image that came, or was made, without one. Equal images get equal manifests.
 *
 * @param image.layers blobs, base first
 * @throws not-found `blob-not-found`
 */
export async function makeManifest(
  engine: Engine,
  image: { readonly config: Digest; readonly layers: readonly Digest[] },
  hold: Hold,
): Promise<Digest> {
  const describe = async (digest: Digest, mediaType: string): Promise<Descriptor> => {
    const info = await engine.content.stat(digest);
    if (info !== undefined) return { mediaType, digest, size: info.size };
    throw new GantryError('not-found', 'blob-not-found', `blob ${digest} is not in the store`, {
      subject: { digest },
    });
  };
  const layers: Descriptor[] = [];
  for (const layer of image.layers) layers.push(await describe(layer, await layerMediaType(engine, layer)));
  const manifest: ImageManifest = {
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config: await describe(image.config, mediaTypes.ociConfig),
    layers,
  };
  const bytes = encodeManifest(manifest);
  await hold([digestOf(bytes)]);
  return writeDocument(engine.content, bytes);
}
