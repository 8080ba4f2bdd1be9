import type { Descriptor, Digest } from '#oci';

/** A manifest or index, exactly as it is stored. */
export interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
}

/** A blob's bytes from `offset` on. */
export interface BlobBody {
  /** Where the body begins: what was asked for, or 0 when the registry does not serve ranges. */
  readonly offset: number;
  /** The whole blob's size in bytes; undefined when the registry does not say. */
  readonly size: number | undefined;
  /** Must be read to its end, or returned early, by whoever asked for it. */
  readonly body: AsyncIterable<Uint8Array>;
}

interface Waits {
  readonly signal?: AbortSignal;
}

/**
 * Reading one registry (OCI distribution specification 1.1, "Pull"). `repository` is the path without the host
 * (`library/busybox`); `reference` a tag or a digest.
 *
 * Errors of all methods: unauthorized `registry-unauthorized`, forbidden `registry-denied`, unavailable
 * `registry-unreachable`, `registry-certificate` (not trusted) and `registry-failed` (5xx), resource-exhausted
 * `registry-rate-limited`, corrupt `registry-answer` (not what the specification allows, such as an HTML page);
 * invalid-argument `name-invalid` and `tag-invalid` before anything is asked.
 */
export interface RegistryReader {
  /**
   * The digest is computed from the bytes.
   *
   * @throws not-found `manifest-unknown` or `name-unknown`; corrupt `manifest-digest` when asked by a digest that
   *   the bytes do not have
   */
  getManifest(repository: string, reference: string, options?: Waits): Promise<StoredManifest>;

  /** What the registry says of a manifest without sending it; undefined when it has none. */
  headManifest(repository: string, reference: string, options?: Waits): Promise<Descriptor | undefined>;

  /** @throws not-found `blob-unknown` */
  getBlob(repository: string, digest: Digest, options?: Waits & { offset?: number }): Promise<BlobBody>;

  /** The blob's size, or undefined when the repository has no such blob. */
  headBlob(repository: string, digest: Digest, options?: Waits): Promise<{ size: number } | undefined>;
}

/** Writing to one registry ("Push"). */
export interface RegistryWriter {
  /** @throws not-found `manifest-blob-unknown` when the registry misses what it refers to */
  putManifest(
    repository: string,
    reference: string,
    manifest: { bytes: Uint8Array; mediaType: string },
    options?: Waits,
  ): Promise<void>;

  /**
   * Uploads a blob in one session. `open` gives its bytes from an offset and may be called again when an upload is
   * taken up where it broke off. `onProgress` gets the bytes that the registry has taken so far.
   *
   * @throws invalid-argument `blob-digest` when the registry finds another digest
   */
  putBlob(
    repository: string,
    blob: { digest: Digest; size: number; open: (offset: number) => AsyncIterable<Uint8Array> },
    options?: Waits & { onProgress?: (bytes: number) => void },
  ): Promise<void>;

  /** Links a blob that another repository of the registry holds; answers whether the registry did. */
  mountBlob(repository: string, digest: Digest, from: string, options?: Waits): Promise<boolean>;
}

/** Lists of one registry ("Content discovery"). */
export interface RegistryLister {
  /** All tags, page after page, in the registry's order. @throws not-found `name-unknown` */
  tags(repository: string, options?: Waits): AsyncIterable<string>;
}

/** One registry, by whatever means it is reached. */
export interface Registry extends RegistryReader, RegistryWriter, RegistryLister {}
