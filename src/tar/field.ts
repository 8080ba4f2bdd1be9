/** The size of a tar block in bytes; headers and data are aligned to it. */
export const blockSize = 512;

/** How many bytes follow `size` bytes of data up to the next block. */
export function paddingLength(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/**
 * The number in a header field: octal digits between spaces and NULs, or GNU's base-256 when the first bit is set.
 * An empty field is 0. NaN when it is malformed or not a safe integer.
 */
export function readNumber(block: Uint8Array, at: number, length: number): number {
  if ((block[at] ?? 0) & 0x80) return readBase256(block, at, length);
  const end = at + length;
  let index = at;
  while (index < end && isBlank(block[index] ?? 0)) index++;
  let value = 0;
  for (; index < end; index++) {
    const byte = block[index] ?? 0;
    if (byte >= 0x30 && byte <= 0x37) value = value * 8 + byte - 0x30;
    else if (isBlank(byte)) break;
    else return NaN;
  }
  return value;
}

function isBlank(byte: number): boolean {
  return byte === 0 || byte === 0x20;
}

/** Two's complement, big endian; the first bit is the mark and the second one the sign. */
function readBase256(block: Uint8Array, at: number, length: number): number {
  const first = block[at] ?? 0;
  const negative = (first & 0x40) !== 0;
  const invert = negative ? 0xff : 0;
  let value = (first ^ invert) & 0x3f;
  for (let index = at + 1; index < at + length; index++) value = value * 256 + ((block[index] ?? 0) ^ invert);
  if (negative) value = -1 - value;
  return Number.isSafeInteger(value) ? value : NaN;
}

/** The bytes of a field up to its first NUL, as a byte string. */
export function readString(block: Buffer, at: number, length: number): string {
  const limit = at + length;
  let end = at;
  while (end < limit && block[end] !== 0) end++;
  return end === at ? '' : block.toString('latin1', at, end);
}

/** The sum of a block's bytes, with `sign` 0x80 of its bytes as signed numbers (old writers), with 0 unsigned. */
export function sumBytes(block: Uint8Array, at: number, sign: 0 | 0x80): number {
  let sum = 0;
  for (let index = at; index < at + blockSize; index++) sum += ((block[index] ?? 0) ^ sign) - sign;
  return sum;
}
