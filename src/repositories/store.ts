import type { ContentStore } from '#content';
import type { Metadata } from '#metadata';

/** What repositories are made of. */
export interface RepositoryStore {
  readonly content: ContentStore;
  readonly metadata: Metadata;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Letters, digits and hyphens, never the same twice. */
  readonly uniqueId: () => string;
}

/**
 * How long a blob waits for the manifest that needs it, and how long removed content stays: a day, more than
 * any push takes between its blobs and its manifest. Milliseconds.
 */
const grace = 24 * 60 * 60 * 1000;

/** When to look at what is put or given up now. */
export function reviewTime(store: RepositoryStore): number {
  return store.clock() + grace;
}
