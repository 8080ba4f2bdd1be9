import zlib from 'node:zlib';
import { GantryError, toError } from '#errors';
import { type FilterProgram, runFilter } from './filter-program.ts';

type Bytes = AsyncGenerator<Uint8Array, void>;
type Source = AsyncIterator<Uint8Array>;
type Inflater = zlib.Gunzip | zlib.ZstdDecompress;

/** Calls between JavaScript and zlib cost: 16 KiB, the default, halves the speed. */
export const zlibChunk = 256 * 1024;
// Two chunks: the next is inflated in the thread pool while this one is looked at.
const options = { chunkSize: zlibChunk, readableHighWaterMark: 2 * zlibChunk };

/**
 * A stream as it was before it was compressed: gzip (RFC 1952, several members, zero bytes after them), zstd
 * (RFC 8878, several frames, skippable ones too), xz and bzip2 (by this machine's programs) or neither, found by
 * content. Each piece of `source` is used up
 * before the next is asked for; what is produced is produced only as fast as it is taken.
 *
 * @throws corrupt `layer-compression` when the stream is damaged, cut off or followed by something else;
 *   unsupported `layer-compression` for xz and bzip2 where their program is not installed; what `source` throws
 */
export async function* decompress(source: AsyncIterable<Uint8Array>): Bytes {
  const iterator = source[Symbol.asyncIterator]();
  try {
    const head = await readHead(iterator);
    const whole = withHead(head, iterator);
    const format = formatOf(head);
    if (format === 'gzip') yield* gunzip(whole);
    else if (format === 'zstd') yield* unzstd(whole);
    else if (format === 'plain') yield* whole;
    else yield* runFilter(format, whole);
  } catch (error) {
    throw isInflateError(error) ? damaged(error) : error;
  } finally {
    // Not awaited: a source that waits for bytes answers only when they come.
    iterator.return?.().catch(() => undefined);
  }
}

function formatOf(head: Buffer): 'gzip' | 'zstd' | 'plain' | FilterProgram {
  const starts = (magic: string): boolean => head.toString('hex').startsWith(magic);
  if (starts('1f8b')) return 'gzip';
  // RFC 8878 sections 3.1.1 and 3.1.2: a frame, or one of sixteen kinds of skippable frames.
  if (starts('28b52ffd') || /^5.2a4d18/.test(head.toString('hex'))) return 'zstd';
  // tukaani.org/xz/xz-file-format.txt section 2.1.1.1; bzip2 has a level between its two magic numbers.
  if (starts('fd377a585a00')) return 'xz';
  return /^425a683[1-9](?:314159|177245)/.test(head.toString('hex')) ? 'bzip2' : 'plain';
}

/** The first bytes, as many as the longest magic number has, if the source has them. */
async function readHead(source: Source): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < 7) {
    const piece = await next(source);
    if (piece === undefined) break;
    head = Buffer.concat([head, piece]);
  }
  return head;
}

async function* withHead(head: Buffer, source: Source): Bytes {
  if (head.length > 0) yield head;
  for (let piece = await next(source); piece !== undefined; piece = await next(source)) yield piece;
}

async function next(source: Source): Promise<Uint8Array | undefined> {
  const result = await source.next();
  return result.done === true ? undefined : result.value;
}

async function* gunzip(source: Source): Bytes {
  // Node goes from member to member by itself and stops at anything else.
  let rest = yield* inflate(zlib.createGunzip(options), undefined, source);
  for (; rest !== undefined; rest = await next(source)) {
    if (rest.some((byte) => byte !== 0)) throw damaged(new Error('there is something behind its end'));
  }
}

async function* unzstd(source: Source): Bytes {
  let rest: Uint8Array | undefined;
  do rest = yield* inflate(zlib.createZstdDecompress(options), rest, source);
  while (rest !== undefined);
}

/** Inflates `first` and then `source` until the stream ends; answers what of the last piece lies behind its end. */
async function* inflate(
  inflater: Inflater,
  first: Uint8Array | undefined,
  source: Source,
): AsyncGenerator<Uint8Array, Uint8Array | undefined> {
  const feeding = feed(inflater, first, source);
  feeding.catch((error: unknown) => {
    inflater.destroy(toError(error));
  });
  try {
    yield* inflater as AsyncIterable<Uint8Array>;
  } finally {
    inflater.destroy();
  }
  return feeding;
}

async function feed(
  inflater: Inflater,
  first: Uint8Array | undefined,
  source: Source,
): Promise<Uint8Array | undefined> {
  for (let piece = first; ; piece = undefined) {
    piece ??= await next(source);
    if (piece === undefined) {
      inflater.end();
      return undefined;
    }
    const before = inflater.bytesWritten;
    // Not before it is taken up: the source uses the memory again.
    await written(inflater, piece);
    const taken = inflater.bytesWritten - before;
    if (taken < piece.length) return piece.subarray(taken);
  }
}

function written(inflater: Inflater, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    inflater.write(piece, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function isInflateError(error: unknown): error is Error {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^(Z|ZSTD)_/.test(code);
}

function damaged(cause: Error): GantryError {
  return new GantryError(
    'corrupt',
    'layer-compression',
    `the compressed layer is damaged: ${cause.message}`,
    {
      cause,
    },
  );
}
