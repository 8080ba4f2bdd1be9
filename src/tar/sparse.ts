import { blockSize, readNumber } from './field.ts';
import { checkLimit, type Fault, type TarLimits } from './limits.ts';
import { parseDecimal, type Pax } from './pax.ts';

/**
 * Sparse files (GNU tar's manual, "Storing Sparse Files"). A map is a flat list: offset and length of each piece of
 * data, in turn. What lies between the pieces, and after the last one, is a hole.
 */

/** What a pax header says of a sparse file: its whole size, and its map or that the map precedes the data (1.0). */
export interface PaxSparse {
  readonly name: string | undefined;
  readonly size: number;
  readonly pieces: number[] | undefined;
}

/** The sparse file that a pax header describes, in format 0.0, 0.1 or 1.0, or undefined when it describes none. */
export function paxSparse({ fields, pieces }: Pax, fault: Fault): PaxSparse | undefined {
  const real = fields.get('GNU.sparse.realsize') ?? fields.get('GNU.sparse.size');
  const version = `${fields.get('GNU.sparse.major') ?? '0'}.${fields.get('GNU.sparse.minor') ?? '0'}`;
  const map = fields.get('GNU.sparse.map') ?? (fields.has('GNU.sparse.numblocks') ? '' : undefined);
  if (version !== '1.0' && map === undefined && pieces.length === 0) return undefined;
  if (!['0.0', '0.1', '1.0'].includes(version)) throw fault(`its sparse format ${version} is not known`);
  if (real === undefined) throw fault('it is sparse and has no real size');
  const name = fields.get('GNU.sparse.name') || undefined;
  if (name?.includes('\0')) throw fault('its sparse name has a NUL');
  const size = parseDecimal(real, fault);
  if (version === '1.0') return { name, size, pieces: undefined };
  const numbers = pieces.length > 0 ? pieces : map === '' ? [] : (map ?? '').split(',');
  return { name, size, pieces: numbers.map((text) => parseDecimal(text, fault)) };
}

/** Throws unless the pieces are in order, lie within `size`, and are `stored` bytes together. */
export function checkPieces(
  pieces: readonly number[],
  { size, stored, fault }: { size: number; stored: number; fault: Fault },
): void {
  let position = 0;
  let sum = 0;
  for (let index = 0; index < pieces.length; index += 2) {
    const offset = pieces[index] ?? -1;
    const length = pieces[index + 1] ?? -1;
    if (offset < position || length < 0 || offset + length > size)
      throw fault('its sparse map contradicts itself');
    position = offset + length;
    sum += length;
  }
  if (size < 0 || sum !== stored) throw fault('its sparse map and its data differ in size');
}

/** The real size in an old GNU header (typeflag S). */
export function oldGnuSize(block: Buffer, at: number, fault: Fault): number {
  const size = readNumber(block, at + 483, 12);
  if (!(size >= 0)) throw fault('its real size is not a number that can be used');
  return size;
}

/**
 * Adds to `pieces` what an old GNU header (`header`, 4 pieces) or an extension block (`extension`, 21) holds.
 * Returns whether another extension block follows.
 */
export function readOldGnuMap(
  { block, at, kind }: { block: Buffer; at: number; kind: 'header' | 'extension' },
  pieces: number[],
  { limits, fault }: { limits: TarLimits; fault: Fault },
): boolean {
  const [from, count, more] = kind === 'header' ? [386, 4, 482] : [0, 21, 504];
  for (let index = 0; index < count; index++) {
    const field = at + from + index * 24;
    // GNU and BSD tar end the list so as well.
    if (block[field] === 0) break;
    const offset = readNumber(block, field, 12);
    const length = readNumber(block, field + 12, 12);
    if (Number.isNaN(offset + length)) throw fault('its sparse map has a number that cannot be used');
    pieces.push(offset, length);
  }
  checkLimit(limits, 'sparsePieces', pieces.length / 2);
  return block[at + more] !== 0;
}

/** Reads the map that precedes the data in format 1.0: decimal lines, the count first, padded to a block. */
export interface SparseMapReader {
  readonly pieces: number[];
  /** Takes the next block; whether it was the last one. */
  block(block: Buffer, at: number): boolean;
}

export function createSparseMapReader(limits: TarLimits, fault: Fault): SparseMapReader {
  const pieces: number[] = [];
  let expected: number | undefined;
  let digits = '';
  return {
    pieces,
    block: (block, at) => {
      for (let index = at; index < at + blockSize; index++) {
        const byte = block[index] ?? 0;
        if (byte !== 0x0a) {
          if (digits.length > 16) throw fault('its sparse map is damaged');
          digits += String.fromCharCode(byte);
          continue;
        }
        const value = parseDecimal(digits, fault);
        digits = '';
        if (expected === undefined) {
          if (value < 0) throw fault('its sparse map is damaged');
          checkLimit(limits, 'sparsePieces', value);
          expected = value * 2;
        } else {
          pieces.push(value);
        }
        if (pieces.length === expected) return true;
      }
      return false;
    },
  };
}

/** Where the content of a file goes. */
export interface ContentSink {
  data(chunk: Uint8Array): void;
  hole(length: number): void;
}

/** Takes the stored bytes of a sparse file and gives `sink` its content: data and holes, `size` bytes together. */
export function expandSparse(
  pieces: readonly number[],
  size: number,
  sink: ContentSink,
): { data(chunk: Uint8Array): void; end(): void } {
  let next = 0;
  let position = 0;
  let left = 0;
  const skipTo = (offset: number): void => {
    if (offset > position) sink.hole(offset - position);
    position = offset;
  };
  return {
    data: (chunk) => {
      for (let at = 0; at < chunk.length;) {
        while (left === 0) {
          skipTo(pieces[next] ?? size);
          left = pieces[next + 1] ?? chunk.length;
          next += 2;
        }
        const length = Math.min(left, chunk.length - at);
        sink.data(chunk.subarray(at, at + length));
        at += length;
        position += length;
        left -= length;
      }
    },
    end: () => {
      skipTo(size);
    },
  };
}
