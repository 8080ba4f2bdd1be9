import type { Digest } from '#oci';
import type { Registry } from './registry.ts';

interface Waits {
  readonly signal?: AbortSignal;
}

/** An unfinished upload of one blob, as its client sees it. */
export interface UploadStatus {
  readonly id: string;
  /** Bytes taken so far: where the next chunk begins. */
  readonly offset: number;
}

/** The next bytes of an upload. */
export interface UploadChunk {
  readonly body: AsyncIterable<Uint8Array>;
  /** Where the client believes the chunk to begin; without it, wherever the upload stands. */
  readonly offset?: number | undefined;
}

/**
 * Uploads in pieces ("Pushing a blob in chunks"). They outlive connections and restarts of the registry; what a
 * broken chunk brought stays.
 *
 * All but `startUpload` throw not-found `upload-unknown` when the repository has no such upload.
 */
export interface RegistryUploads {
  startUpload(repository: string, options?: Waits): Promise<UploadStatus>;

  /** Answers at once, also while a chunk is being taken. */
  uploadStatus(repository: string, id: string, options?: Waits): Promise<UploadStatus>;

  /** @throws invalid-argument `blob-range`, with the upload's own `offset` in its subject, when the chunk begins elsewhere */
  appendUpload(repository: string, id: string, chunk: UploadChunk, options?: Waits): Promise<UploadStatus>;

  /**
   * Takes the last chunk and makes all bytes a blob of the repository, by whatever algorithm `digest` names.
   *
   * @throws invalid-argument `blob-range` as `appendUpload`; `blob-digest` when the bytes have another digest: then
   *   the upload is over and its bytes are dropped
   */
  finishUpload(
    repository: string,
    id: string,
    last: UploadChunk & { digest: Digest },
    options?: Waits,
  ): Promise<void>;

  /** Ends the upload and drops its bytes. */
  cancelUpload(repository: string, id: string, options?: Waits): Promise<void>;
}

/** What became of a manifest that was taken. */
export interface AcceptedManifest {
  readonly digest: Digest;
  /** The manifest that this one is about: the registry lists it there. */
  readonly subject: Digest | undefined;
  /** What its sender should know though nothing is wrong: one sentence each. */
  readonly warnings: readonly string[];
}

/** Taking manifests and blobs as a server does, which must tell more of them than a client asks. */
export interface RegistryAcceptor {
  /**
   * As `putManifest`. With a digest as reference, `tags` are put on the manifest in the same step.
   *
   * @throws invalid-argument `blob-digest` when the bytes do not have the digest, `manifest-invalid`; not-found
   *   `manifest-blob-unknown`
   */
  acceptManifest(
    repository: string,
    reference: string,
    manifest: { bytes: Uint8Array; mediaType: string | undefined; tags?: readonly string[] },
    options?: Waits,
  ): Promise<AcceptedManifest>;

  /** Links a blob that any repository of the registry holds ("Mounting", without `from`); answers whether one did. */
  mountFromAnywhere(repository: string, digest: Digest, options?: Waits): Promise<boolean>;
}

/**
 * Removing from one registry ("Content management"). Removing a tag leaves its manifest; removing a manifest takes
 * its tags; removing a blob takes it from this repository only.
 */
export interface RegistryDeleter {
  /** @throws not-found `manifest-unknown`, `name-unknown` */
  deleteManifest(repository: string, digest: Digest, options?: Waits): Promise<void>;
  /** @throws not-found `manifest-unknown`, `name-unknown` */
  deleteTag(repository: string, tag: string, options?: Waits): Promise<void>;
  /** @throws not-found `blob-unknown`, `name-unknown` */
  deleteBlob(repository: string, digest: Digest, options?: Waits): Promise<void>;
}

/** A manifest that names another as its subject, as the referrers list shows it. */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** A part of an ordered list: what comes bytewise after `after`, and at most `limit` of it. */
export interface Page {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** One page, and whether there is more behind it. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** What refers to a manifest ("Listing Referrers"), whether the manifest itself is here or not. */
export interface RegistryReferrers {
  /** Ordered by digest. None for what nothing refers to, in repositories that are not there too. */
  referrers(
    repository: string,
    subject: Digest,
    page: Page & { artifactType?: string | undefined },
    options?: Waits,
  ): Promise<Listed<Referrer>>;
}

/** A repository as a search shows it. */
export interface FoundRepository {
  readonly name: string;
  /** What its newest described manifest says of itself; empty when none does. */
  readonly description: string;
}

/** What the registry holds, page by page. */
export interface RegistryCatalog {
  /** The names of all repositories, in order. */
  repositories(page: Page, options?: Waits): Promise<Listed<string>>;

  /** The tags of one repository, in order. @throws not-found `name-unknown` */
  tagsPage(repository: string, page: Page, options?: Waits): Promise<Listed<string>>;

  /** Repositories whose name or description contains `words`, whatever the case, and how many there are in all. */
  searchRepositories(
    words: string,
    page: { skip: number; limit: number },
    options?: Waits,
  ): Promise<{ total: number; items: readonly FoundRepository[] }>;
}

/** A registry complete enough to be served to the clients of others. */
export interface ServedRegistry
  extends Registry, RegistryUploads, RegistryAcceptor, RegistryDeleter, RegistryReferrers, RegistryCatalog {}
