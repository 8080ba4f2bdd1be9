import type { ServedRegistry } from '#registry';
import { createAcceptor } from './accept.ts';
import { collect, type Collected } from './collect.ts';
import { createDeleter } from './delete.ts';
import { createLists } from './lists.ts';
import { createReader } from './read.ts';
import { createSessions } from './sessions.ts';
import type { RepositoryStore } from './store.ts';
import { createUploads } from './uploads.ts';
import { createWriter } from './write.ts';

/** The store's repositories as a registry. Disposing closes its open uploads, which stay resumable. */
export interface StoreRegistry extends ServedRegistry, AsyncDisposable {
  /**
   * Removes what repositories no longer need, while they are in use: uploads older than a week, blobs that no
   * manifest came to need within a day, and content that nothing needs. With `dryRun` only finds it.
   */
  collect(options?: { dryRun?: boolean; signal?: AbortSignal }): Promise<Collected>;
}

/**
 * Opens the repositories of a store. A blob can be read in a repository only when it was pushed or mounted there,
 * whatever else the store holds. Manifests and blobs are kept byte for byte.
 */
export function openRepositories(store: RepositoryStore): StoreRegistry {
  const sessions = createSessions(store.content);
  const acceptor = createAcceptor(store);
  return {
    ...createReader(store),
    ...createUploads(store, sessions),
    ...acceptor,
    ...createWriter(store, acceptor),
    ...createDeleter(store),
    ...createLists(store),
    collect: (options) => collect(store, options),
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}
