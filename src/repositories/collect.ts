import type { Digest } from '#oci';
import { reviewTime, type RepositoryStore } from './store.ts';

/** What a collection removed, or would remove. */
export interface Collected {
  /** Ids of uploads that were given up. */
  readonly uploads: readonly string[];
  /** Blobs that left a repository because no manifest of it needs them. */
  readonly links: readonly { readonly repository: string; readonly digest: Digest }[];
  /** Blobs that left the store. */
  readonly digests: readonly Digest[];
  /** Their size together. */
  readonly bytes: number;
}

/** An upload is given up after a week, in milliseconds: no client comes back later. */
const uploadLife = 7 * 24 * 60 * 60 * 1000;

/** How many reviews are settled in one transaction: other writers wait for less than a tenth of a second. */
const batch = 500;

/** How long to wait for an upload that somebody is still writing after a week, in milliseconds. */
const patience = 1000;

/** Removes what repositories no longer need; with `dryRun` finds the same and leaves it. */
export async function collect(
  store: RepositoryStore,
  { dryRun = false, signal }: { dryRun?: boolean; signal?: AbortSignal } = {},
): Promise<Collected> {
  const { content, metadata } = store;
  const { review } = metadata.repositories;
  const uploads = await giveUpUploads(store, { dryRun, signal });
  const links: Collected['links'][number][] = [];
  const digests: Digest[] = [];
  let bytes = 0;
  const weigh = async (digest: Digest): Promise<void> => {
    bytes += (await content.stat(digest))?.size ?? 0;
    digests.push(digest);
  };

  if (dryRun) {
    const found = await review.due(store.clock());
    for (const digest of found.digests) await weigh(digest);
    return { uploads, links: found.links, digests, bytes };
  }
  for (;;) {
    signal?.throwIfAborted();
    const found = await review.settle(store.clock(), { limit: batch, next: reviewTime(store) });
    links.push(...found.links);
    await metadata.sweep(found.digests, store.clock(), async (digest) => {
      await weigh(digest);
      await content.delete(digest);
    });
    if (found.links.length === 0 && found.digests.length === 0) return { uploads, links, digests, bytes };
  }
}

async function giveUpUploads(
  store: RepositoryStore,
  { dryRun, signal }: { dryRun: boolean; signal: AbortSignal | undefined },
): Promise<readonly string[]> {
  const { uploads } = store.metadata.repositories;
  const old = await uploads.startedBefore(store.clock() - uploadLife, Number.MAX_SAFE_INTEGER);
  if (dryRun) return old;
  const ended: string[] = [];
  for (const id of old) {
    signal?.throwIfAborted();
    const waiting = AbortSignal.timeout(patience);
    try {
      await using upload = await store.content.upload(id, { signal: waiting });
      await upload.discard();
    } catch (error) {
      // Somebody writes it: it is looked at again the next time.
      if (waiting.aborted) continue;
      throw error;
    }
    await uploads.end(id, store.clock());
    ended.push(id);
  }
  return ended;
}
