import type { Digest } from '#oci';
import type { Engine } from './engine.ts';

/** How long unfinished work keeps what it fetched, for the next try: a day. */
const leaseTime = 24 * 60 * 60 * 1000;

/** Keeps digests (blobs, diff ids, chain ids) from collection. Hold first, look after. */
export type Hold = (digests: readonly Digest[]) => Promise<void>;

/**
 * Runs `work`, which holds what it needs. When it fails, what it held is kept for a day more, so that the next
 * try goes on from there.
 */
export async function withLease<T>(engine: Engine, work: (hold: Hold) => Promise<T>): Promise<T> {
  const id = engine.uniqueId();
  await engine.metadata.createLease(id, engine.clock() + leaseTime);
  const result = await work((digests) => engine.metadata.hold(id, digests));
  await engine.metadata.releaseLease(id);
  return result;
}
