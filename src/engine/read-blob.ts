import type { BlobRecord } from '#metadata';
import type { Digest } from '#oci';
import { layerSource } from './blobs.ts';
import type { Engine } from './engine.ts';
import type { Hold } from './lease.ts';

/**
 * What a blob holds as a layer, for an image whose config is still to be made: read once, and remembered.
 *
 * @throws what the unpacker throws
 */
export async function readBlob(
  engine: Engine,
  blob: Digest,
  { hold, signal }: { hold: Hold; signal: AbortSignal },
): Promise<BlobRecord> {
  await hold([blob]);
  const known = await engine.metadata.blob(blob);
  if (known !== undefined) return known;
  const read = await engine.unpacker.unpack(layerSource(engine.content, blob), { signal });
  const { diffId, tarSize, size, dependsOnLower } = read;
  await hold([diffId]);
  const facts = { blob, diffId, tarSize, size, dependsOnLower: dependsOnLower !== undefined };
  await engine.metadata.commit([{ put: 'blob', blob: facts }]);
  return facts;
}
