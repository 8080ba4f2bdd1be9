import { findError } from '#errors';
import { digestAlgorithm, digestOf, isDigest, type Digest } from '#oci';
import {
  isTag,
  manifestPath,
  registryError,
  uploadsPath,
  type AcceptedManifest,
  type RegistryAcceptor,
} from '#registry';
import { descriptionOf } from './description.ts';
import { readManifest } from './manifest.ts';
import { reviewTime, type RepositoryStore } from './store.ts';
import { digestInvalid } from './uploads.ts';

/** Takes manifests, and blobs that are here already. */
export function createAcceptor(store: RepositoryStore): RegistryAcceptor {
  const { uploads, changes } = store.metadata.repositories;

  /** Keeps the bytes from collection by an upload, makes them durable, and has `record` end the upload. */
  async function keep<T>(
    repository: string,
    { digest, bytes }: { digest: Digest; bytes: Uint8Array },
    record: (upload: string) => Promise<T>,
  ): Promise<T> {
    const upload = store.uniqueId();
    await uploads.start({ id: upload, repository, started: store.clock(), digest });
    try {
      await using ingest = await store.content.ingest(digest);
      if (ingest !== undefined && ingest.offset > 0) await ingest.restart();
      await ingest?.write(bytes);
      await ingest?.commit({ size: bytes.length });
      return await record(upload);
    } catch (error) {
      await uploads.end(upload, store.clock());
      throw error;
    }
  }

  return {
    async acceptManifest(repository, reference, { bytes, mediaType, tags = [] }, { signal } = {}) {
      signal?.throwIfAborted();
      manifestPath(repository, reference);
      const wrong = tags.find((tag) => !isTag(tag));
      if (wrong !== undefined) throw registryError('TAG_INVALID', `${JSON.stringify(wrong)} is no tag`);
      const byDigest = isDigest(reference);
      const digest = digestOf(bytes, byDigest ? digestAlgorithm(reference) : 'sha256');
      if (byDigest && digest !== reference) throw digestInvalid(undefined);
      const manifest = readManifest(bytes, mediaType);
      const description = await descriptionOf(store, manifest);
      const { subject } = manifest;
      const missing = await keep(repository, { digest, bytes }, (upload) =>
        changes
          .put(
            repository,
            {
              ...manifest,
              digest,
              size: bytes.length,
              description,
              tags: byDigest ? tags : [reference, ...tags],
            },
            { upload, now: store.clock() },
          )
          .catch((error: unknown) => {
            const missed = findError(error, { code: 'manifest-blob-unknown' });
            if (missed === undefined) throw error;
            throw registryError('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', {
              subject: missed.subject,
              cause: error,
            });
          }),
      );
      return { digest, subject, warnings: warningsOf(missing) } satisfies AcceptedManifest;
    },

    async mountFromAnywhere(repository, digest, { signal } = {}) {
      signal?.throwIfAborted();
      uploadsPath(repository);
      return changes.mount(repository, digest, { from: undefined, review: reviewTime(store) });
    },
  };
}

function warningsOf(missing: readonly Digest[]): readonly string[] {
  if (missing.length === 0) return [];
  return [
    `the index lists ${missing.length} manifests that the repository does not have, such as ${missing[0] ?? ''}`,
  ];
}
