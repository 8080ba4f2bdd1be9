import type { MirroredContent } from '#metadata';
import { reviewTime, type MirrorParts } from './parts.ts';
import { createPathMatcher } from './patterns.ts';
import type { Upstream } from './upstream.ts';

/** How much a mirror may hold. */
export interface MirrorBounds {
  /** Of all mirrored repositories together, each digest once. */
  readonly bytes?: number | undefined;
  /** How long what nobody asks for stays, in milliseconds. */
  readonly unused?: number | undefined;
}

/** What an eviction took out of the mirror's repositories. */
export interface Evicted {
  readonly items: number;
  /** Their size together. What others need as well, or hold open, stays in the store. */
  readonly bytes: number;
}

/** How much is looked at between two countings. */
const batch = 200;

/**
 * Takes out of the mirror's repositories what nobody asked for within the bounds' time, then what was unused for
 * longest until the rest is within the bounds' bytes. What is pinned stays, and no hosted repository is touched. The
 * bytes go at the store's next collection, unless a hosted repository, an image or a lease needs them.
 */
export async function evict(
  parts: MirrorParts,
  upstreams: readonly Upstream[],
  { bytes = Infinity, unused = Infinity, signal }: MirrorBounds & { signal?: AbortSignal | undefined },
): Promise<Evicted> {
  const { mirrored } = parts.metadata;
  await parts.uses.flush();
  await mirrored.tidy();
  const isPinned = pinnedBy(upstreams);
  const expired = parts.clock() - unused;
  const evicted = { items: 0, bytes: 0 };
  let excess = (await mirrored.bytes()) - bytes;
  for (let after: MirroredContent | undefined; ;) {
    signal?.throwIfAborted();
    const before = excess > 0 ? Infinity : expired;
    const page = await mirrored.unused({
      before: Math.min(before, Number.MAX_SAFE_INTEGER),
      after,
      limit: batch,
    });
    for (const item of page) {
      if ((item.used >= expired && excess <= 0) || isPinned(item.repository)) continue;
      await remove(parts, item);
      evicted.items++;
      evicted.bytes += item.size;
      excess -= item.size;
    }
    if (page.length < batch) return evicted;
    after = page.at(-1);
    // Other repositories may hold the same digests: only counting tells.
    excess = (await mirrored.bytes()) - bytes;
  }
}

async function remove(parts: MirrorParts, { kind, repository, digest }: MirroredContent): Promise<void> {
  const { changes } = parts.metadata.repositories;
  // A blob goes at once: it can be had again, and whoever needs it has said so before. The blobs of a manifest may
  // be in use without it, and are given their time.
  if (kind === 'blob') await changes.unlink(repository, digest, parts.clock());
  else await changes.removeManifest(repository, digest, reviewTime(parts));
}

/** The repository's name here begins with its domain: a rule's pins are for all its hosts. */
function pinnedBy(upstreams: readonly Upstream[]): (repository: string) => boolean {
  const isPinned = createPathMatcher(
    upstreams.flatMap(({ domain, pin }) => pin.map((path) => `${domain.replace(':', '_')}/${path}`)),
  );
  return isPinned;
}
