import { findError } from '#errors';
import { blobPath, uploadsPath, type RegistryAcceptor, type RegistryWriter } from '#registry';
import { reviewTime, type RepositoryStore } from './store.ts';
import { digestInvalid } from './uploads.ts';

/** Writes whole blobs and manifests. */
export function createWriter(
  store: RepositoryStore,
  { acceptManifest }: Pick<RegistryAcceptor, 'acceptManifest'>,
): RegistryWriter {
  const { uploads, changes } = store.metadata.repositories;
  return {
    async putManifest(repository, reference, manifest, options) {
      await acceptManifest(repository, reference, manifest, options);
    },

    async putBlob(repository, { digest, open }, { signal, onProgress } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, digest);
      const id = store.uniqueId();
      await uploads.start({ id, repository, started: store.clock(), digest });
      await using upload = await store.content.upload(id, signal === undefined ? {} : { signal });
      try {
        for await (const chunk of open(0)) {
          signal?.throwIfAborted();
          await upload.write(chunk);
          onProgress?.(upload.offset);
        }
        const blob = await upload.commit({ digest });
        await changes.link(repository, blob, { upload: id, review: reviewTime(store) });
      } catch (error) {
        await upload.discard();
        await uploads.end(id, store.clock());
        throw findError(error, { code: 'blob-digest' }) === undefined ? error : digestInvalid(error);
      }
    },

    async mountBlob(repository, digest, from, { signal } = {}) {
      signal?.throwIfAborted();
      uploadsPath(repository, { digest, from });
      return changes.mount(repository, digest, { from, review: reviewTime(store) });
    },
  };
}
