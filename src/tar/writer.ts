import { GantryError } from '#errors';
import { carriesData, typeflags, type TarEntry } from './entry.ts';
import { blockSize, paddingLength, sumBytes } from './field.ts';
import { formatPax, formatTime } from './pax-format.ts';

/**
 * The header of `entry`: one ustar block, preceded by a pax extended header where ustar does not suffice (long or
 * non-ASCII names, large numbers, fractions of a second, extended attributes). The same entry gives the same bytes
 * always. After it come `entry.size` bytes of content, then `padding(entry.size)`.
 *
 * Throws `tar-entry` (invalid-argument) when no archive can hold the entry: a name with a NUL or with characters
 * that are no bytes, a mode or device number out of range, a size on an entry that carries no data.
 */
export function encodeHeader(entry: TarEntry): Uint8Array {
  checkEntry(entry);
  const records = new Map<string, string | Uint8Array>();
  const block = Buffer.alloc(blockSize);
  writeName(block, entry.name, records);
  writeText(block, { at: 157, length: 100, text: entry.linkName, keyword: 'linkpath' }, records);
  // The names of users and groups end with a NUL in ustar.
  writeText(block, { at: 265, length: 31, text: entry.uname, keyword: 'uname' }, records);
  writeText(block, { at: 297, length: 31, text: entry.gname, keyword: 'gname' }, records);
  writeNumber(block, { at: 108, length: 8, value: entry.uid, keyword: 'uid' }, records);
  writeNumber(block, { at: 116, length: 8, value: entry.gid, keyword: 'gid' }, records);
  writeNumber(block, { at: 124, length: 12, value: entry.size, keyword: 'size' }, records);
  const { seconds, nanoseconds } = entry.mtime;
  const wholeSeconds = nanoseconds === 0 && fitsOctal(seconds, 12);
  writeOctal(block, 136, 12, fitsOctal(seconds, 12) ? seconds : 0);
  if (!wholeSeconds) records.set('mtime', formatTime(entry.mtime));
  if (entry.atime !== undefined) records.set('atime', formatTime(entry.atime));
  for (const [name, value] of entry.xattrs) records.set(`SCHILY.xattr.${escapeXattr(name)}`, value);

  writeOctal(block, 100, 8, entry.mode);
  writeOctal(block, 329, 8, entry.deviceMajor);
  writeOctal(block, 337, 8, entry.deviceMinor);
  seal(block, entry.type === 'unknown' ? (entry.typeflag ?? '') : typeflags[entry.type]);
  return records.size === 0 ? block : Buffer.concat([paxHeader(formatPax(records)), block]);
}

/** The zero bytes that follow `size` bytes of content, up to the next block. */
export function padding(size: number): Uint8Array {
  return new Uint8Array(paddingLength(size));
}

/** The two blocks of zeros that end an archive. */
export function endOfArchive(): Uint8Array {
  return new Uint8Array(2 * blockSize);
}

/** A typeflag that announces no entry, or one that has a type of its own. */
const takenTypeflags = /^[\x000-7xgLKS]$/;

function checkEntry(entry: TarEntry): void {
  const refuse = (why: string): GantryError =>
    new GantryError(
      'invalid-argument',
      'tar-entry',
      `the entry ${JSON.stringify(entry.name)} cannot be archived: ${why}`,
      {
        subject: { name: entry.name },
      },
    );
  for (const text of [entry.name, entry.linkName, entry.uname, entry.gname, ...entry.xattrs.keys()]) {
    if (!/^[\x01-\xff]*$/.test(text)) throw refuse('a name in it has a NUL or is no byte string');
  }
  if (entry.xattrs.has('')) throw refuse('an extended attribute has no name');
  for (const value of [entry.mode, entry.deviceMajor, entry.deviceMinor]) {
    if (!fitsOctal(value, 8)) throw refuse(`its mode or a device number is ${value}`);
  }
  for (const value of [entry.uid, entry.gid, entry.size, entry.mtime.seconds, entry.atime?.seconds ?? 0]) {
    if (!Number.isSafeInteger(value)) throw refuse(`a number in it is ${value}`);
  }
  for (const { nanoseconds } of entry.atime === undefined ? [entry.mtime] : [entry.mtime, entry.atime]) {
    if (!(Number.isInteger(nanoseconds) && nanoseconds >= 0 && nanoseconds < 1e9)) {
      throw refuse(`a time in it has ${nanoseconds} nanoseconds`);
    }
  }
  if (entry.size < 0) throw refuse('its size is negative');
  if (entry.size > 0 && !carriesData(entry.type)) throw refuse(`a ${entry.type} has no content`);
  if (entry.type === 'unknown' && !/^[\0-\xff]$/.test(entry.typeflag ?? ''))
    throw refuse('it has no typeflag');
  if (entry.type === 'unknown' && takenTypeflags.test(entry.typeflag ?? '')) {
    throw refuse('its typeflag is a known one');
  }
}

type Records = Map<string, string | Uint8Array>;

interface TextField {
  readonly at: number;
  readonly length: number;
  readonly text: string;
  readonly keyword: string;
}

/** Beyond ASCII ustar names no encoding, so pax has the bytes and the block an abridged form. */
function isPlain(text: string): boolean {
  return /^[\x01-\x7f]*$/.test(text);
}

function writeText(block: Buffer, { at, length, text, keyword }: TextField, records: Records): void {
  block.write(text, at, length, 'latin1');
  if (text.length > length || !isPlain(text)) records.set(keyword, text);
}

/** A name of more than 100 bytes is split at a slash: up to 155 bytes into the prefix, the rest into the name. */
function writeName(block: Buffer, name: string, records: Records): void {
  const split = name.length > 100 && isPlain(name) ? name.lastIndexOf('/', 155) : -1;
  const fits = split > 0 && split < name.length - 1 && name.length - split - 1 <= 100;
  if (fits) block.write(name.slice(0, split), 345, 155, 'latin1');
  writeText(
    block,
    { at: 0, length: 100, text: fits ? name.slice(split + 1) : name, keyword: 'path' },
    records,
  );
}

interface NumberField {
  readonly at: number;
  readonly length: number;
  readonly value: number;
  readonly keyword: string;
}

function writeNumber(block: Buffer, { at, length, value, keyword }: NumberField, records: Records): void {
  const fits = fitsOctal(value, length);
  writeOctal(block, at, length, fits ? value : 0);
  if (!fits) records.set(keyword, String(value));
}

/** Whether the number fits a field of `length` bytes as octal digits and a NUL. */
function fitsOctal(value: number, length: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 8 ** (length - 1);
}

function writeOctal(block: Buffer, at: number, length: number, value: number): void {
  let rest = value;
  for (let index = at + length - 2; index >= at; index--) {
    block[index] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}

function seal(block: Buffer, typeflag: string): void {
  block.write(typeflag, 156, 1, 'latin1');
  block.write('ustar\x0000', 257, 8, 'latin1');
  block.fill(0x20, 148, 156);
  const sum = sumBytes(block, 0, 0);
  // Six digits, a NUL, and a space that is there already.
  writeOctal(block, 148, 7, sum);
  block[154] = 0;
}

function paxHeader(records: Buffer): Buffer {
  const block = Buffer.alloc(blockSize);
  // Readers without pax see a file of this name; Python's tarfile uses the same one.
  block.write('././@PaxHeader', 0, 'latin1');
  writeOctal(block, 100, 8, 0o644);
  for (const [at, length] of [
    [108, 8],
    [116, 8],
    [136, 12],
    [329, 8],
    [337, 8],
  ] as const)
    writeOctal(block, at, length, 0);
  writeOctal(block, 124, 12, records.length);
  seal(block, 'x');
  return Buffer.concat([block, records, padding(records.length)]);
}

/** As GNU tar does, for a keyword ends at the first `=`. */
function escapeXattr(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('=', '%3D');
}
