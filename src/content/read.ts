import { open } from 'node:fs/promises';
import { errnoOf, fromErrno, GantryError } from '#errors';
import type { Digest } from '#oci';
import { blobNotFound, checkRange } from './verify.ts';

/** Bytes of one chunk: large enough for zlib and sockets, small enough for hundreds of readers. */
const chunkBytes = 256 * 1024;

/**
 * The bytes of the blob in the file at `path`, from `start` to `end`. The file is closed when the loop ends, early
 * or not.
 *
 * @throws not-found `blob-not-found`, invalid-argument `blob-range`, `errno-…`
 * @throws corrupt `blob-truncated` when the file ends before the range does
 */
export async function* readBlob(
  digest: Digest,
  path: string,
  range?: { start?: number; end?: number },
): AsyncIterable<Uint8Array> {
  try {
    await using file = await open(path, 'r');
    const { start, end } = checkRange({ digest, size: (await file.stat()).size }, range);
    for (let position = start; position < end;) {
      // A new one each time: the reader may keep it.
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - position));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw truncated(digest, position, end);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw blobNotFound(digest);
    throw fromErrno(error, `read blob ${digest}`, { digest });
  }
}

function truncated(digest: Digest, at: number, end: number): GantryError {
  return new GantryError(
    'corrupt',
    'blob-truncated',
    `the file of blob ${digest} ends at byte ${at}, before ${end}; remove the blob and fetch it again`,
    { subject: { digest, at, end } },
  );
}
