import type { ImageRecord } from '#metadata';
import type { Digest } from '#oci';
import type { Engine } from './engine.ts';

/**
 * Removes what only the image (already removed from the metadata) needed: blobs, and unpacked layers. Answers the
 * digests, diff ids and chain ids that went.
 */
export async function sweep(engine: Engine, { content, layers }: ImageRecord): Promise<readonly Digest[]> {
  const blobs = new Set(content);
  const snapshots = new Set(layers.flatMap(({ diffId, chainId }) => [diffId, chainId]));
  return engine.metadata.sweep([...blobs.union(snapshots)], engine.clock(), async (digest) => {
    if (blobs.has(digest)) await engine.content.delete(digest);
    if (snapshots.has(digest)) await engine.unpacking?.snapshots.remove(digest);
  });
}
