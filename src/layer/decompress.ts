import { pipeline, Readable, type Transform } from 'node:stream';
import zlib from 'node:zlib';

/** Calls between JavaScript and zlib cost: 16 KiB, the default, halves the speed. */
export const zlibChunk = 256 * 1024;

/**
 * A stream as it was before gzip or zstd, found by its first bytes; anything else comes out as it is. Bytes are
 * produced only as fast as they are taken.
 *
 * Throws what zlib throws (`Z_DATA_ERROR` and others) when the stream is damaged, and what `source` throws.
 */
export async function* decompress(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const iterator = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 4) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = prepend(head, iterator);
  const inflater = inflaterFor(head);
  if (inflater === undefined) yield* whole;
  else {
    // The callback is required; failures come out of the inflater when it is read.
    pipeline(Readable.from(whole, { objectMode: false }), inflater, () => undefined);
    yield* inflater as AsyncIterable<Uint8Array>;
  }
}

/**
 * The decompressor for a stream that begins with `head` (four bytes or more), or undefined when it is not
 * compressed. gzip: RFC 1952 section 2.3.1; zstd: RFC 8878 section 3.1.1.
 */
export function inflaterFor(head: Uint8Array): Transform | undefined {
  const magic = Buffer.from(head.subarray(0, 4)).toString('hex');
  if (magic.startsWith('1f8b')) return zlib.createGunzip({ chunkSize: zlibChunk });
  if (magic === '28b52ffd') return zlib.createZstdDecompress({ chunkSize: zlibChunk });
  return undefined;
}

async function* prepend(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const next = await rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
