import type { Upload } from '#content';
import { findError } from '#errors';
import { registryError, uploadsPath, type RegistryUploads, type UploadChunk } from '#registry';
import type { Sessions } from './sessions.ts';
import { reviewTime, type RepositoryStore } from './store.ts';

/** Uploads in pieces. What a chunk brought is kept when its connection breaks. */
export function createUploads(store: RepositoryStore, sessions: Sessions): RegistryUploads {
  const { uploads, changes } = store.metadata.repositories;

  async function requireOpen(repository: string, id: string): Promise<void> {
    uploadsPath(repository);
    if (await uploads.isOpen(id, repository)) return;
    throw registryError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry', {
      subject: { upload: id },
    });
  }

  async function use<T>(
    { repository, id, signal }: { repository: string; id: string; signal: AbortSignal | undefined },
    work: (upload: Upload, ended: () => void) => Promise<T>,
  ): Promise<T> {
    await requireOpen(repository, id);
    return sessions.use(
      id,
      async (upload, ended) => {
        try {
          // Whoever had it before may have ended it.
          await requireOpen(repository, id);
        } catch (error) {
          await upload.discard();
          throw error;
        }
        return work(upload, ended);
      },
      signal,
    );
  }

  return {
    async startUpload(repository, { signal } = {}) {
      signal?.throwIfAborted();
      uploadsPath(repository);
      const id = store.uniqueId();
      await uploads.start({ id, repository, started: store.clock() });
      return { id, offset: 0 };
    },

    async uploadStatus(repository, id, { signal } = {}) {
      signal?.throwIfAborted();
      await requireOpen(repository, id);
      const offset = sessions.offset(id) ?? (await use({ repository, id, signal }, async (at) => at.offset));
      return { id, offset };
    },

    appendUpload: (repository, id, chunk, { signal } = {}) =>
      use({ repository, id, signal }, async (upload) => {
        await append(upload, chunk);
        return { id, offset: upload.offset };
      }),

    finishUpload: (repository, id, last, { signal } = {}) =>
      use({ repository, id, signal }, async (upload, ended) => {
        await append(upload, last);
        // First: from here on nothing takes the blob, be it new or one that is here already.
        await uploads.expect(id, last.digest);
        try {
          const blob = await upload.commit({ digest: last.digest });
          ended();
          await changes.link(repository, blob, { upload: id, review: reviewTime(store) });
        } catch (error) {
          if (findError(error, { code: 'blob-digest' }) === undefined) throw error;
          await upload.discard();
          ended();
          await uploads.end(id, store.clock());
          throw digestInvalid(error);
        }
      }),

    cancelUpload: (repository, id, { signal } = {}) =>
      use({ repository, id, signal }, async (upload, ended) => {
        await upload.discard();
        ended();
        await uploads.end(id, store.clock());
      }),
  };
}

/** The error of bytes that are not what they were said to be, as a registry tells it. */
export function digestInvalid(cause: unknown): Error {
  return registryError('DIGEST_INVALID', 'provided digest did not match uploaded content', { cause });
}

async function append(upload: Upload, { body, offset = upload.offset }: UploadChunk): Promise<void> {
  if (offset !== upload.offset) {
    throw registryError(
      'RANGE_INVALID',
      `the chunk begins at ${offset}, the upload stands at ${upload.offset}`,
      {
        subject: { offset: upload.offset },
      },
    );
  }
  for await (const chunk of body) await upload.write(chunk);
}
