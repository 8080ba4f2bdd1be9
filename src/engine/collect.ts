import type { ImageRecord } from '#metadata';
import type { Digest } from '#oci';
import type { Engine } from './engine.ts';

/** All that the image needs kept: blobs by digest, unpacked layers by diff id and chain id. */
export function digestsOf({ content, layers }: ImageRecord): readonly Digest[] {
  return [...content, ...layers.flatMap(({ diffId, chainId }) => [diffId, chainId])];
}

/** Removes blobs and unpacked layers that nothing needs any more. Answers the digests, diff ids and chain ids that went. */
export async function sweep(engine: Engine, candidates: Iterable<Digest>): Promise<readonly Digest[]> {
  const { content, metadata, unpacking } = engine;
  return metadata.sweep([...new Set(candidates)], engine.clock(), async (digest) => {
    // One digest may name both: a base layer that is stored uncompressed has its diff id.
    await content.delete(digest);
    await unpacking?.snapshots.remove(digest);
  });
}
