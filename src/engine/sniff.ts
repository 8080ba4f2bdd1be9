import type { Digest } from '#oci';
import { mediaTypes } from '#oci';
import type { Engine } from './engine.ts';

/**
 * The media type of a layer blob by its first bytes: gzip (RFC 1952 section 2.3.1), zstd (RFC 8878 section 3.1.1),
 * or a plain tar.
 */
export async function layerMediaType(engine: Engine, blob: Digest): Promise<string> {
  for await (const head of engine.content.read(blob, { start: 0 })) {
    const magic = Buffer.from(head.subarray(0, 4)).toString('hex');
    if (magic.startsWith('1f8b')) return mediaTypes.ociLayerGzip;
    if (magic === '28b52ffd') return mediaTypes.ociLayerZstd;
    break;
  }
  return mediaTypes.ociLayer;
}
