import { blobPath, manifestPath, type RegistryDeleter } from '#registry';
import { reviewTime, type RepositoryStore } from './store.ts';
import { unknown } from './unknown.ts';

/** Removes from repositories. The bytes go later, when nothing needs them. */
export function createDeleter(store: RepositoryStore): RegistryDeleter {
  const { changes } = store.metadata.repositories;
  return {
    async deleteManifest(repository, digest, { signal } = {}) {
      signal?.throwIfAborted();
      manifestPath(repository, digest);
      if (await changes.removeManifest(repository, digest, reviewTime(store))) return;
      throw await unknown(store, repository, 'MANIFEST_UNKNOWN');
    },
    async deleteTag(repository, tag, { signal } = {}) {
      signal?.throwIfAborted();
      manifestPath(repository, tag);
      if (await changes.removeTag(repository, tag)) return;
      throw await unknown(store, repository, 'MANIFEST_UNKNOWN');
    },
    async deleteBlob(repository, digest, { signal } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, digest);
      if (await changes.unlink(repository, digest, reviewTime(store))) return;
      throw await unknown(store, repository, 'BLOB_UNKNOWN');
    },
  };
}
