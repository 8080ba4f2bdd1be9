import { digestAlgorithm, digestOf, isDigest, isForeignLayerType, parseManifest, type Digest } from '#oci';
import { registryError } from './codes.ts';
import { blobPath, manifestPath } from './paths.ts';
import type { Registry, StoredManifest } from './registry.ts';

interface Repository {
  readonly blobs: Map<Digest, Uint8Array>;
  readonly manifests: Map<Digest, StoredManifest>;
  readonly tags: Map<string, Digest>;
}

function emptyRepository(): Repository {
  return { blobs: new Map(), manifests: new Map(), tags: new Map() };
}

/** The bytes of chunks, in one piece. */
async function gather(
  chunks: AsyncIterable<Uint8Array>,
  taken: (bytes: number) => void,
): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    // The chunk is the sender's to reuse.
    all.push(chunk.slice());
    taken((length += chunk.length));
  }
  return Buffer.concat(all);
}

/** A registry without sockets or disk, for tests and small tools. It checks what a real one checks. */
export function createMemoryRegistry(): Registry {
  const repositories = new Map<string, Repository>();

  function at(repository: string): Repository {
    const known = repositories.get(repository);
    if (known !== undefined) return known;
    throw registryError('NAME_UNKNOWN', 'repository name not known to registry');
  }

  /** The repository, which begins to exist with what is put into it. */
  function made(repository: string): Repository {
    const known = repositories.get(repository) ?? emptyRepository();
    repositories.set(repository, known);
    return known;
  }

  function findManifest(repository: string, reference: string): StoredManifest | undefined {
    manifestPath(repository, reference);
    const { manifests, tags } = repositories.get(repository) ?? {};
    const digest = isDigest(reference) ? reference : tags?.get(reference);
    return digest === undefined ? undefined : manifests?.get(digest);
  }

  /** @throws not-found `manifest-blob-unknown` */
  function checkReferences(repository: Repository, bytes: Uint8Array, mediaType: string): void {
    const manifest = parseManifest(bytes, mediaType);
    const missing =
      manifest.kind === 'index'
        ? manifest.manifests.filter(({ digest }) => !repository.manifests.has(digest))
        : [manifest.config, ...manifest.layers].filter(
            (part) => !isForeignLayerType(part.mediaType) && !repository.blobs.has(part.digest),
          );
    for (const { digest } of missing) {
      throw registryError('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', { subject: { digest } });
    }
  }

  return {
    async getManifest(repository, reference, { signal } = {}) {
      signal?.throwIfAborted();
      const manifest = findManifest(repository, reference);
      if (manifest !== undefined) return manifest;
      at(repository);
      throw registryError('MANIFEST_UNKNOWN', 'manifest unknown');
    },

    async headManifest(repository, reference, { signal } = {}) {
      signal?.throwIfAborted();
      const manifest = findManifest(repository, reference);
      if (manifest === undefined) return undefined;
      return { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length };
    },

    async getBlob(repository, digest, { signal, offset = 0 } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, digest);
      const bytes = repositories.get(repository)?.blobs.get(digest);
      if (bytes === undefined) throw registryError('BLOB_UNKNOWN', 'blob unknown to registry');
      if (offset > 0 && offset >= bytes.length) throw registryError('RANGE_INVALID', 'invalid content range');
      async function* body(): AsyncIterable<Uint8Array> {
        yield (bytes as Uint8Array).slice(offset);
      }
      return { offset, size: bytes.length, body: body() };
    },

    async headBlob(repository, digest, { signal } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, digest);
      const bytes = repositories.get(repository)?.blobs.get(digest);
      return bytes === undefined ? undefined : { size: bytes.length };
    },

    async putManifest(repository, reference, { bytes, mediaType }, { signal } = {}) {
      signal?.throwIfAborted();
      manifestPath(repository, reference);
      const digest = digestOf(bytes, isDigest(reference) ? digestAlgorithm(reference) : 'sha256');
      if (isDigest(reference) && reference !== digest) {
        throw registryError('DIGEST_INVALID', 'provided digest did not match uploaded content');
      }
      checkReferences(repositories.get(repository) ?? emptyRepository(), bytes, mediaType);
      const { manifests, tags } = made(repository);
      manifests.set(digest, { bytes: bytes.slice(), mediaType, digest });
      if (!isDigest(reference)) tags.set(reference, digest);
    },

    async putBlob(repository, { digest, open }, { signal, onProgress } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, digest);
      const bytes = await gather(open(0), (taken) => {
        signal?.throwIfAborted();
        onProgress?.(taken);
      });
      if (digestOf(bytes, digestAlgorithm(digest)) !== digest) {
        throw registryError('DIGEST_INVALID', 'provided digest did not match uploaded content');
      }
      made(repository).blobs.set(digest, bytes);
    },

    async mountBlob(repository, digest, from, { signal } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, digest);
      const bytes = repositories.get(from)?.blobs.get(digest);
      if (bytes === undefined) return false;
      made(repository).blobs.set(digest, bytes);
      return true;
    },

    async *tags(repository, { signal } = {}) {
      signal?.throwIfAborted();
      yield* [...at(repository).tags.keys()].sort();
    },
  };
}
