import type { Digest } from '#oci';

/** A blob that is whole, durable and named by the digest of its bytes. */
export interface BlobInfo {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** Something in a store, and its size in bytes. */
export type Written =
  | { readonly kind: 'blob' | 'ingest'; readonly digest: Digest; readonly size: number }
  | { readonly kind: 'upload'; readonly id: string; readonly size: number };

/**
 * Blobs by digest. A blob is visible only when all its bytes are durable and verified; until then it is an
 * ingest. Bytes are never changed. Several processes may use one disk store at once.
 */
export interface ContentStore {
  /** The blob's facts, or undefined when it is not here. */
  stat(digest: Digest): Promise<BlobInfo | undefined>;

  /**
   * The bytes from `start` (0) up to, not including, `end` (the size), in chunks of the store's choosing.
   * Nothing is opened before the first chunk is asked for.
   *
   * @throws not-found `blob-not-found`
   * @throws invalid-argument `blob-range` when the range lies outside the blob
   * @throws corrupt `blob-truncated` when bytes are missing at the end
   */
  read(digest: Digest, range?: { start?: number; end?: number }): AsyncIterable<Uint8Array>;

  /**
   * Where the blob lies as a file when it is here, for readers in other threads and for the kernel's copies;
   * undefined when the store keeps no files.
   */
  pathOf(digest: Digest): string | undefined;

  /**
   * Opens the one ingest for `digest`, waiting while another writer (thread or process) holds it. Answers
   * undefined when the blob is, or meanwhile became, whole: there is nothing to write. `onWait` is called once
   * when another writer is found at work.
   *
   * @throws the signal's reason when aborted while waiting
   */
  ingest(
    digest: Digest,
    options?: { signal?: AbortSignal; onWait?: () => void },
  ): Promise<Ingest | undefined>;

  /**
   * Opens an ingest of bytes whose digest is not known yet (an upload, an import), named by an `id` of the
   * caller's choosing (letters, digits, `-`). The same id goes on where it was left; `commit` finds the digest.
   * Waits while another writer holds the id.
   *
   * @throws invalid-argument `upload-id` for a bad id; the signal's reason when aborted while waiting
   */
  upload(id: string, options?: { signal?: AbortSignal }): Promise<Upload>;

  /** Removes the blob. Removing what is not here is no error. Readers that have it open read on. */
  delete(digest: Digest): Promise<void>;

  /** All blobs, in no order. */
  list(): AsyncIterable<BlobInfo>;

  /** Unfinished ingests: the digest they are for and how many bytes they hold. */
  listIngests(): AsyncIterable<BlobInfo>;

  /**
   * What was last written to before `time` (milliseconds since 1970): blobs, and unfinished ingests and uploads,
   * whether a writer holds them or not.
   */
  writtenBefore(time: number): AsyncIterable<Written>;

  /** Drops an unfinished ingest unless a writer holds it; answers whether it was dropped. */
  deleteIngest(digest: Digest): Promise<boolean>;
}

/**
 * An unfinished, resumable write of one blob, held by one writer. Disposing it keeps what was written: the next
 * ingest of the same digest, in this process or a later one, goes on from `offset`. One without bytes leaves nothing.
 */
export interface Ingest extends AsyncDisposable {
  readonly digest: Digest;

  /** Bytes written so far: where the next write goes. */
  readonly offset: number;

  /** The file as it grows, for a reader in another thread; undefined when the store keeps no files. */
  readonly growing: GrowingFile | undefined;

  /**
   * Appends `chunk`; the caller may reuse it when the promise resolves.
   *
   * @throws resource-exhausted `errno-enospc` and others from the file system; what was written stays
   */
  write(chunk: Uint8Array): Promise<void>;

  /** Forgets all bytes: the next write is at offset 0. */
  restart(): Promise<void>;

  /**
   * Verifies size and digest, makes the blob durable and visible, and ends the ingest.
   *
   * @throws corrupt `blob-size` when `size` was given and differs
   * @throws corrupt `blob-digest` when the bytes have another digest; the ingest is emptied, for its bytes are wrong
   */
  commit(options?: { size?: number }): Promise<BlobInfo>;
}

/** An ingest that learns its digest at the end. Disposing keeps what was written under its id; `discard` drops it. */
export interface Upload extends AsyncDisposable {
  readonly id: string;
  readonly offset: number;
  readonly growing: GrowingFile | undefined;
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Makes the bytes a blob (sha256 unless `digest` names another algorithm), or finds that it is here already;
   * ends the upload.
   *
   * @throws corrupt `blob-size`, `blob-digest` when they were given and differ; the upload stays
   */
  commit(expected?: { digest?: Digest; size?: number }): Promise<BlobInfo>;
  discard(): Promise<void>;
}

/**
 * A file that another thread may read up to what is announced in `progress`. It moves when it becomes whole: open
 * it before, or read the blob. The state may change between a reader's look at it and its wait, so waits need a
 * time limit.
 */
export interface GrowingFile {
  readonly path: string;
  /**
   * Two 64-bit integers (BigInt64Array): [0] the bytes that can be read, [1] the state (`growingStates`).
   * The writer stores and notifies on index 0 after each change of either.
   */
  readonly progress: SharedArrayBuffer;
}

/** What `GrowingFile.progress[1]` says: more will come; all bytes are there and verified; no more will come. */
export const growingStates = { growing: 0n, whole: 1n, broken: 2n } as const;
