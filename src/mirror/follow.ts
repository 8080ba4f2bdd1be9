import { open, type FileHandle } from 'node:fs/promises';
import type { ContentStore } from '#content';
import { errnoOf, fromErrno } from '#errors';
import type { Fill } from './fill.ts';
import { orAbort } from './flights.ts';

/** Bytes of one chunk: large enough for sockets, small enough for hundreds of readers. */
const chunkBytes = 256 * 1024;

/**
 * The bytes of a blob from `offset` on while it is being filled. The reader takes its own time: the fill does not
 * wait for it. The last byte is held back until all are verified, so that whoever reads bytes that turn out wrong
 * never sees their end.
 *
 * @throws the fill's error when it breaks; the signal's reason
 */
export async function* followFill(
  fill: Fill,
  content: ContentStore,
  { offset, size, signal }: { offset: number; size: number; signal: AbortSignal | undefined },
): AsyncIterable<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    for (let position = offset; ;) {
      signal?.throwIfAborted();
      if (fill.state === 'broken') throw fill.error ?? new Error('the fill broke');
      // Opened while it grows it can be read on when it moves; later it is a blob like any other.
      if (file === undefined && fill.state === 'whole') {
        yield* content.read(fill.digest, { start: position });
        return;
      }
      file ??= await openGrowing(fill);
      const end = fill.state === 'whole' ? size : Math.min(fill.reached, size - 1);
      const changed = fill.changed();
      if (file !== undefined && position < end) {
        const chunk = await readChunk(file, position, Math.min(chunkBytes, end - position));
        position += chunk.length;
        if (chunk.length > 0) yield chunk;
        // Emptied, for its bytes were wrong: the fill is about to say so.
        else await orAbort(changed, signal);
      } else if (fill.state === 'whole') return;
      else await orAbort(changed, signal);
    }
  } finally {
    await file?.close();
  }
}

/** The file as it grows; undefined when there is none, or it moved a moment ago. */
async function openGrowing({ growing }: Fill): Promise<FileHandle | undefined> {
  try {
    return growing && (await open(growing.path, 'r'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fromErrno(error, `open ${growing?.path ?? ''}`);
  }
}

async function readChunk(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  try {
    const buffer = Buffer.allocUnsafeSlow(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw fromErrno(error, 'read a blob that is being fetched');
  }
}
