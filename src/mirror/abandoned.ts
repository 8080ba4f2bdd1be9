import type { ContentStore } from '#content';
import type { Digest } from '#oci';

/** An unfinished blob that has not grown for a week is given up, in milliseconds: whoever wants it begins anew. */
const life = 7 * 24 * 60 * 60 * 1000;

/** Unfinished blobs as they were seen. The store knows their sizes and not their age. */
export interface Abandoned {
  /** Looks at what is unfinished, and drops what did not grow for a week unless a writer holds it. */
  drop(): Promise<void>;
}

export function createAbandoned(content: ContentStore, clock: () => number): Abandoned {
  let seen = new Map<Digest, { readonly size: number; readonly since: number }>();
  return {
    async drop() {
      const now = clock();
      const still: typeof seen = new Map();
      for await (const { digest, size } of content.listIngests()) {
        const before = seen.get(digest);
        const since = before?.size === size ? before.since : now;
        if (now - since >= life && (await content.deleteIngest(digest))) continue;
        still.set(digest, { size, since });
      }
      seen = still;
    },
  };
}
