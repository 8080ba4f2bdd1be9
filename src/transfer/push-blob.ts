import type { ContentStore } from '#content';
import type { Descriptor } from '#oci';
import type { RegistryReader, RegistryWriter } from '#registry';

interface PushBlobOptions {
  readonly registry: RegistryReader & RegistryWriter;
  /** The path at the registry. */
  readonly repository: string;
  readonly descriptor: Descriptor;
  readonly store: ContentStore;
  /** Other repositories of the same registry that are thought to have the blob, the likeliest first. */
  readonly sources?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Bytes that the registry has taken. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** How the repository came to have the blob. */
type PushedBlob =
  { readonly how: 'exists' | 'uploaded' } | { readonly how: 'mounted'; readonly from: string };

/** Each try costs a request, and an upload is never far more than that for small blobs. */
const mostSources = 3;

/**
 * Sees to it that a repository has a blob of the store: it asks first, then has it linked from another repository of
 * the registry, and sends the bytes only if neither helps.
 *
 * @throws what the registry throws; not-found `blob-not-found` when the store does not have it either
 */
export async function pushBlob(options: PushBlobOptions): Promise<PushedBlob> {
  const { registry, repository, descriptor, store, sources = [], signal, onProgress } = options;
  const { digest, size } = descriptor;
  const waits = signal === undefined ? {} : { signal };
  if ((await registry.headBlob(repository, digest, waits)) !== undefined) return { how: 'exists' };
  for (const from of sources.filter((source) => source !== repository).slice(0, mostSources)) {
    if (await registry.mountBlob(repository, digest, from, waits)) return { how: 'mounted', from };
  }
  const open = (offset: number): AsyncIterable<Uint8Array> => store.read(digest, { start: offset });
  await registry.putBlob(repository, { digest, size, open }, { ...waits, ...(onProgress && { onProgress }) });
  return { how: 'uploaded' };
}
