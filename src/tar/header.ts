import { type Draft } from './entry.ts';
import { blockSize, readNumber, readString, sumBytes } from './field.ts';
import { type Fault } from './limits.ts';

/** A header block as it stands: the draft's `type` and `size` are settled after extended headers are applied. */
export interface Header {
  readonly draft: Draft;
  readonly typeflag: string;
  readonly gnu: boolean;
}

const noXattrs: ReadonlyMap<string, Uint8Array> = new Map();

/**
 * The header in the block at `at`, or undefined when the block is all zeros. The layouts are those of POSIX pax
 * (ustar), of GNU tar's manual ("Basic Tar Format") and of star(5).
 */
export function parseHeader(block: Buffer, at: number, fault: Fault): Header | undefined {
  const sum = sumBytes(block, at, 0);
  if (sum === 0) return undefined;
  checkSum(block, at, sum, fault);
  const number = (name: string, offset: number, length: number): number => {
    const value = readNumber(block, at + offset, length);
    if (Number.isNaN(value)) throw fault(`its ${name} is not a number that can be used`);
    return value;
  };
  const format = formatOf(block, at);
  const typeflag = String.fromCharCode(block[at + 156] ?? 0);
  const device = format !== 'v7' && (typeflag === '3' || typeflag === '4');
  const size = number('size', 124, 12);
  if (size < 0) throw fault('its size is negative');
  const draft: Draft = {
    type: 'unknown',
    name: withPrefix(block, at, format),
    linkName: readString(block, at + 157, 100),
    mode: number('mode', 100, 8),
    uid: number('user id', 108, 8),
    gid: number('group id', 116, 8),
    size,
    mtime: { seconds: number('modification time', 136, 12), nanoseconds: 0 },
    uname: format === 'v7' ? '' : readString(block, at + 265, 32),
    gname: format === 'v7' ? '' : readString(block, at + 297, 32),
    deviceMajor: device ? number('device number', 329, 8) : 0,
    deviceMinor: device ? number('device number', 337, 8) : 0,
    xattrs: noXattrs,
  };
  return { draft, typeflag, gnu: format === 'gnu' };
}

function checkSum(block: Buffer, at: number, sum: number, fault: Fault): void {
  const stored = readNumber(block, at + 148, 8);
  // The field itself counts as eight spaces.
  const difference = 8 * 0x20 - fieldSum(block, at, 0);
  if (stored === sum + difference) return;
  // Historic writers summed signed characters; POSIX asks readers to take both.
  if (stored === sumBytes(block, at, 0x80) + 8 * 0x20 - fieldSum(block, at, 0x80)) return;
  throw fault('its checksum does not match');
}

function fieldSum(block: Buffer, at: number, sign: 0 | 0x80): number {
  let sum = 0;
  for (let index = at + 148; index < at + 156; index++) sum += ((block[index] ?? 0) ^ sign) - sign;
  return sum;
}

type Format = 'v7' | 'ustar' | 'star' | 'gnu';

function formatOf(block: Buffer, at: number): Format {
  // 'ustar' at 257, then NUL (POSIX) or a space (GNU).
  if (block.readUInt32BE(at + 257) !== 0x75737461 || block[at + 261] !== 0x72) return 'v7';
  if (block[at + 262] === 0x20) return 'gnu';
  if (block[at + 262] !== 0) return 'v7';
  return block.readUInt32BE(at + blockSize - 4) === 0x74617200 ? 'star' : 'ustar';
}

function withPrefix(block: Buffer, at: number, format: Format): string {
  const name = readString(block, at, 100);
  const prefix = readPrefix(block, at, format);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function readPrefix(block: Buffer, at: number, format: Format): string {
  if (format === 'v7' || block[at + 345] === 0) return '';
  if (format === 'star') return readString(block, at + 345, 131);
  const prefix = readString(block, at + 345, 155);
  if (format === 'ustar') return prefix;
  // GNU keeps the access and change times here. Go before 1.8, and with it old Docker, wrote a ustar prefix.
  const times = readNumber(block, at + 345, 12) + readNumber(block, at + 357, 12);
  return Number.isNaN(times) && /^[\x20-\x7e]*$/.test(prefix) ? prefix : '';
}
