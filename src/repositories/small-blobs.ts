import type { BlobInfo, ContentStore } from '#content';
import type { Digest } from '#oci';

/** The largest blob that is kept in memory: manifests and configs are smaller, and opening a file costs more than sending it. */
const maxBlobBytes = 64 * 1024;

/** The most bytes that are kept in all. */
const maxBytes = 16 * 1024 * 1024;

/** Reads whole small blobs and keeps those in memory that were read last. Blobs never change: nothing is ever stale. */
export type ReadSmall = (blob: BlobInfo) => Promise<Uint8Array>;

/** Whether a blob is worth keeping in memory. */
export function isSmall({ size }: { size: number }): boolean {
  return size <= maxBlobBytes;
}

/** Reads from `content`. */
export function createSmallBlobs(content: ContentStore): ReadSmall {
  // A map is in the order of insertion: the first is the one that was read longest ago.
  const kept = new Map<Digest, Uint8Array>();
  let bytes = 0;
  return async (blob) => {
    const { digest } = blob;
    const found = kept.get(digest);
    if (found !== undefined) {
      kept.delete(digest);
      kept.set(digest, found);
      return found;
    }
    const read = Buffer.concat(await Array.fromAsync(content.read(digest)));
    if (!isSmall(blob) || kept.has(digest)) return read;
    kept.set(digest, read);
    bytes += read.length;
    for (const [oldest, { length }] of kept) {
      if (bytes <= maxBytes) break;
      kept.delete(oldest);
      bytes -= length;
    }
    return read;
  };
}
