import { pipeline, Readable } from 'node:stream';
import zlib from 'node:zlib';
import { zlibChunk } from './decompress.ts';

/**
 * The stream, compressed. Equal bytes give equal bytes: zlib writes no time and no name into the header.
 *
 * Throws what `source` throws.
 */
export async function* gzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const deflater = zlib.createGzip({ chunkSize: zlibChunk });
  // The callback is required; failures come out of the deflater when it is read.
  pipeline(Readable.from(source, { objectMode: false }), deflater, () => undefined);
  yield* deflater as AsyncIterable<Uint8Array>;
}
