import { digestAlgorithm, digestOf, type Digest } from '#oci';
import { createMemoryLocks } from './memory-lock.ts';
import type { ContentStore, Ingest, Upload } from './store.ts';
import { blobNotFound, checkDigest, checkRange, checkSize, checkUploadId } from './verify.ts';

/** A content store in memory, for tests and for what is small and short-lived. It keeps no files. */
export function createMemoryContent({ clock = Date.now }: { clock?: () => number } = {}): ContentStore {
  const blobs = new Map<Digest, Uint8Array>();
  const ingests = new Map<Digest, Bytes>();
  const uploads = new Map<string, Bytes>();
  const locks = createMemoryLocks();
  const written = new WeakMap<Uint8Array | Bytes, number>();
  const put = (digest: Digest, whole: Uint8Array): void => {
    written.set(whole, clock());
    blobs.set(digest, whole);
  };

  return {
    stat: async (digest) => {
      const bytes = blobs.get(digest);
      return bytes && { digest, size: bytes.length };
    },
    async *read(digest, range) {
      const bytes = blobs.get(digest);
      if (bytes === undefined) throw blobNotFound(digest);
      const { start, end } = checkRange({ digest, size: bytes.length }, range);
      if (start < end) yield new Uint8Array(bytes.subarray(start, end));
    },
    pathOf: () => undefined,

    async ingest(digest, options) {
      if (blobs.has(digest)) return undefined;
      const lock = await locks.lock(digest, options);
      if (blobs.has(digest)) {
        lock[Symbol.dispose]();
        return undefined;
      }
      const bytes = held(ingests, digest);
      return createIngest(digest, bytes, (whole) => {
        written.set(bytes, clock());
        if (whole !== undefined) put(digest, whole);
        if (whole !== undefined || bytes.length === 0) ingests.delete(digest);
        lock[Symbol.dispose]();
      });
    },

    async upload(id, options) {
      checkUploadId(id);
      const lock = await locks.lock(`upload ${id}`, options);
      const bytes = held(uploads, id);
      return createUpload(id, bytes, (whole) => {
        written.set(bytes, clock());
        if (whole !== undefined) put(whole.digest, whole.bytes);
        if (whole !== undefined || bytes.length === 0) uploads.delete(id);
        lock[Symbol.dispose]();
      });
    },

    delete: async (digest) => void blobs.delete(digest),
    async *list() {
      for (const [digest, { length }] of [...blobs]) yield { digest, size: length };
    },
    async *listIngests() {
      for (const [digest, { length }] of [...ingests]) yield { digest, size: length };
    },
    async *writtenBefore(time) {
      const isBefore = (what: Uint8Array | Bytes): boolean => (written.get(what) ?? Infinity) < time;
      for (const [digest, bytes] of [...blobs]) {
        if (isBefore(bytes)) yield { kind: 'blob', digest, size: bytes.length };
      }
      for (const [digest, bytes] of [...ingests]) {
        if (isBefore(bytes)) yield { kind: 'ingest', digest, size: bytes.length };
      }
      for (const [id, bytes] of [...uploads]) {
        if (isBefore(bytes)) yield { kind: 'upload', id, size: bytes.length };
      }
    },
    deleteIngest: async (digest) => !locks.isHeld(digest) && ingests.delete(digest),
  };
}

/** The bytes of an unfinished write. */
interface Bytes {
  chunks: Uint8Array[];
  length: number;
}

function held<K>(kept: Map<K, Bytes>, key: K): Bytes {
  const bytes = kept.get(key) ?? { chunks: [], length: 0 };
  kept.set(key, bytes);
  return bytes;
}

function append(bytes: Bytes, chunk: Uint8Array): void {
  // Not `slice`: that of a Buffer shares its memory.
  bytes.chunks.push(new Uint8Array(chunk));
  bytes.length += chunk.length;
}

function empty(bytes: Bytes): void {
  bytes.chunks = [];
  bytes.length = 0;
}

/** `end` is called once, with the blob's bytes when there are any. */
function createIngest(digest: Digest, bytes: Bytes, end: (whole?: Uint8Array) => void): Ingest {
  const endOnce = once(end);
  return {
    digest,
    get offset() {
      return bytes.length;
    },
    growing: undefined,
    write: async (chunk) => {
      append(bytes, chunk);
    },
    restart: async () => {
      empty(bytes);
    },
    async commit({ size } = {}) {
      checkSize(`blob ${digest}`, bytes.length, size);
      const whole = Buffer.concat(bytes.chunks);
      try {
        checkDigest(digest, digestOf(whole, digestAlgorithm(digest)));
      } catch (error) {
        empty(bytes);
        throw error;
      }
      endOnce(whole);
      return { digest, size: whole.length };
    },
    [Symbol.asyncDispose]: async () => {
      endOnce();
    },
  };
}

/** As `createIngest`. */
function createUpload(
  id: string,
  bytes: Bytes,
  end: (whole?: { digest: Digest; bytes: Uint8Array }) => void,
): Upload {
  const endOnce = once(end);
  return {
    id,
    get offset() {
      return bytes.length;
    },
    growing: undefined,
    write: async (chunk) => {
      append(bytes, chunk);
    },
    async commit({ digest: expected, size } = {}) {
      checkSize(`upload ${id}`, bytes.length, size);
      const whole = Buffer.concat(bytes.chunks);
      const digest = digestOf(whole, expected === undefined ? 'sha256' : digestAlgorithm(expected));
      if (expected !== undefined) checkDigest(expected, digest);
      endOnce({ digest, bytes: whole });
      return { digest, size: whole.length };
    },
    discard: async () => {
      empty(bytes);
      endOnce();
    },
    [Symbol.asyncDispose]: async () => {
      endOnce();
    },
  };
}

function once<T>(action: (value?: T) => void): (value?: T) => void {
  let done = false;
  return (value) => {
    if (!done) action(value);
    done = true;
  };
}
