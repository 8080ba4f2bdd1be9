import type { IncomingMessage } from 'node:http';
import { GantryError } from '#errors';
import { registryError } from '#registry';

/** How long a client may send nothing within a body, in milliseconds: then the line is taken for dead. */
const stalled = 120_000;

/** Bytes that are passed on at once: a quarter of the trips to the disk of what the kernel hands over. */
const chunkBytes = 256 * 1024;

/**
 * The body of a request as it comes. However long it takes in all, it may go on while bytes come.
 *
 * @throws invalid-argument `blob-size` when `length` is given and the body has another; unavailable
 *   `registry-unreachable` when the client went
 */
export async function* receive(
  request: IncomingMessage,
  { length }: { length?: number | undefined } = {},
): AsyncIterable<Uint8Array> {
  let taken = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = (): Uint8Array => {
    const [only = new Uint8Array()] = waiting;
    const chunk = waiting.length === 1 ? only : Buffer.concat(waiting, waitingBytes);
    [waiting, waitingBytes] = [[], 0];
    return chunk;
  };
  request.socket.setTimeout(stalled);
  try {
    // Leaving early must leave the connection, or the client would not hear why.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      taken += chunk.length;
      if (length !== undefined && taken > length) throw wrongSize(length);
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes >= chunkBytes) yield flush();
    }
  } catch (error) {
    if (error instanceof GantryError) throw error;
    // What came is whole up to here, and an upload goes on from it.
    if (waitingBytes > 0) yield flush();
    throw new GantryError('unavailable', 'registry-unreachable', 'the client went before its body ended', {
      cause: error,
    });
  } finally {
    request.socket.setTimeout(0);
  }
  if (waitingBytes > 0) yield flush();
  if (length !== undefined && taken !== length) throw wrongSize(length);
}

/** A whole body of at most `most` bytes, or undefined when it has more. */
export async function receiveAll(request: IncomingMessage, most: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of receive(request)) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function wrongSize(length: number): GantryError {
  return registryError('SIZE_INVALID', `the chunk was announced with ${length} bytes and has another number`);
}
