import type { RepositoryManifest } from '#metadata';
import { isDigest } from '#oci';
import { blobPath, manifestPath, registryError, type RegistryReader } from '#registry';
import { createSmallBlobs, isSmall } from './small-blobs.ts';
import { reviewTime, type RepositoryStore } from './store.ts';
import { unknown } from './unknown.ts';

/** A client that was told of a blob has at least this long to push the manifest that needs it, in milliseconds. */
const promise = 60 * 60 * 1000;

/** Reads what repositories hold. */
export function createReader(store: RepositoryStore): RegistryReader {
  const { facts, changes } = store.metadata.repositories;
  const readSmall = createSmallBlobs(store.content);

  function find(repository: string, reference: string): Promise<RepositoryManifest | undefined> {
    manifestPath(repository, reference);
    return facts.manifest(repository, isDigest(reference) ? { digest: reference } : { tag: reference });
  }

  return {
    async getManifest(repository, reference, { signal } = {}) {
      signal?.throwIfAborted();
      const manifest = await find(repository, reference);
      if (manifest === undefined) throw await unknown(store, repository, 'MANIFEST_UNKNOWN');
      const { mediaType, digest } = manifest;
      return { bytes: await readSmall(manifest), mediaType, digest };
    },

    async headManifest(repository, reference, { signal } = {}) {
      signal?.throwIfAborted();
      const manifest = await find(repository, reference);
      return manifest && { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size };
    },

    async getBlob(repository, digest, { signal, offset = 0 } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, digest);
      const blob = await facts.blob(repository, digest);
      if (blob === undefined) throw await unknown(store, repository, 'BLOB_UNKNOWN');
      const { size } = blob;
      if (offset > 0 && offset >= size) throw registryError('RANGE_INVALID', 'invalid content range');
      if (!isSmall(blob)) return { offset, size, body: store.content.read(digest, { start: offset }) };
      const bytes = (await readSmall(blob)).subarray(offset);
      async function* body(): AsyncIterable<Uint8Array> {
        yield bytes;
      }
      return { offset, size, body: body() };
    },

    async headBlob(repository, digest, { signal } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, digest);
      let blob = await facts.blob(repository, digest);
      // Whoever hears that the blob is here will not push it, and its manifest comes later.
      if (blob?.review !== undefined && blob.review < store.clock() + promise) {
        await changes.postpone(repository, digest, reviewTime(store));
        // The review may have been faster.
        blob = await facts.blob(repository, digest);
      }
      return blob && { size: blob.size };
    },
  };
}
