import { findError } from '#errors';
import type { Digest } from '#oci';
import { sweep } from './collect.ts';
import type { Engine } from './engine.ts';

/** How long unfinished work keeps what it fetched, for the next try: a day. */
const leaseTime = 24 * 60 * 60 * 1000;

/** Keeps digests (blobs, diff ids, chain ids) from collection. Hold first, look after. */
export type Hold = (digests: readonly Digest[]) => Promise<void>;

/** A lease whose holder says when it ends: by disposing it. */
export async function openLease(engine: Engine): Promise<AsyncDisposable & { readonly hold: Hold }> {
  const { metadata } = engine;
  const id = engine.uniqueId();
  await metadata.createLease(id, engine.clock() + leaseTime);
  return {
    hold: (digests) => metadata.hold(id, digests),
    [Symbol.asyncDispose]: () => metadata.releaseLease(id),
  };
}

/**
 * Runs `work`, which holds what it needs until it ends. When it fails, what it held is removed, unless something
 * else needs it. With `unfinished`, the name of what is worked at, it is kept for a day instead, so that the next
 * try goes on from there; the try that succeeds ends that.
 */
export async function withLease<T>(
  engine: Engine,
  work: (hold: Hold) => Promise<T>,
  { unfinished }: { unfinished?: string } = {},
): Promise<T> {
  const { metadata } = engine;
  const id = engine.uniqueId();
  const held = new Set<Digest>();
  await metadata.createLease(id, engine.clock() + leaseTime);
  try {
    const result = await work(async (digests) => {
      for (const digest of digests) held.add(digest);
      await metadata.hold(id, digests);
    });
    await metadata.releaseLease(id);
    if (unfinished !== undefined) await metadata.releaseLease(unfinished);
    return result;
  } catch (error) {
    const tidy = async () => {
      if (unfinished !== undefined) await keep(engine, unfinished, [...held]);
      await metadata.releaseLease(id);
      if (unfinished === undefined) await sweep(engine, held);
    };
    // Why the work failed is what the caller has to know; the lease ends by itself if it must.
    await tidy().catch(() => undefined);
    throw error;
  }
}

/**
 * Puts `digests` under a lease of its own, which no running work depends on: the next try, or another one that is
 * running now, ends it when it succeeds.
 */
async function keep({ metadata, clock }: Engine, id: string, digests: readonly Digest[]): Promise<void> {
  const until = clock() + leaseTime;
  try {
    await metadata.createLease(id, until);
  } catch (error) {
    if (findError(error, { code: 'lease-exists' }) === undefined) throw error;
    await metadata.renewLease(id, until);
  }
  await metadata.hold(id, digests);
}
