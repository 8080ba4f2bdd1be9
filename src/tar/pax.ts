import { type Draft, type TarTime } from './entry.ts';
import { type Fault } from './limits.ts';

/** The records of one pax extended header that have a meaning here. */
export interface Pax {
  /** By keyword, as byte strings; an empty value says "as in the header block". */
  readonly fields: Map<string, string>;
  readonly xattrs: Map<string, Uint8Array>;
  /** The offsets and lengths of GNU sparse format 0.0, in turn. */
  readonly pieces: string[];
}

const keywords = new Set(
  `path linkpath size uid gid uname gname mtime atime
  GNU.sparse.major GNU.sparse.minor GNU.sparse.name GNU.sparse.size GNU.sparse.realsize
  GNU.sparse.numblocks GNU.sparse.map`.split(/\s+/),
);

/** The keywords that make sense for all files: a global header gives owners and times only. */
export const globalKeywords: readonly string[] = ['uid', 'gid', 'uname', 'gname', 'mtime', 'atime'];

const schily = 'SCHILY.xattr.';
const libarchive = 'LIBARCHIVE.xattr.';

/** The records in `bytes`: `length keyword=value\n` each (POSIX pax, "pax Extended Header"). */
export function parsePax(bytes: Buffer, fault: Fault): Pax {
  const fields = new Map<string, string>();
  const pieces: string[] = [];
  const exact = new Map<string, Uint8Array>();
  const encoded = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    const { keyword, from, end } = parseRecord(bytes, at, fault);
    const text = (): string => bytes.toString('latin1', from, end);
    if (keywords.has(keyword)) {
      fields.set(keyword, text());
    } else if (keyword.startsWith(schily)) {
      exact.set(unescapeXattr(keyword.slice(schily.length)), Uint8Array.from(bytes.subarray(from, end)));
    } else if (keyword.startsWith(libarchive)) {
      encoded.set(percentDecoded(keyword.slice(libarchive.length)), base64Decoded(text(), fault));
    } else if (keyword === 'GNU.sparse.offset' || keyword === 'GNU.sparse.numbytes') {
      if ((pieces.length % 2 === 0) !== (keyword === 'GNU.sparse.offset')) {
        throw fault('its sparse map is out of order');
      }
      pieces.push(text());
    }
    at = end + 1;
  }
  // bsdtar writes both forms; Schily's has the exact bytes.
  const xattrs = encoded.size === 0 ? exact : new Map([...encoded, ...exact]);
  xattrs.delete('');
  return { fields, xattrs, pieces };
}

function parseRecord(
  bytes: Buffer,
  at: number,
  fault: Fault,
): { keyword: string; from: number; end: number } {
  let length = 0;
  let index = at;
  for (; index < bytes.length && bytes[index] !== 0x20; index++) {
    const digit = (bytes[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 9 || length > bytes.length) throw fault('a pax record has no valid length');
    length = length * 10 + digit;
  }
  const end = at + length - 1;
  const equals = bytes.indexOf(0x3d, index);
  if (equals <= index + 1 || equals >= end || end >= bytes.length || bytes[end] !== 0x0a) {
    throw fault('a pax record is damaged');
  }
  return { keyword: bytes.toString('latin1', index + 1, equals), from: equals + 1, end };
}

/** Puts what the header and, where it is silent, the global header says onto the entry. */
export function applyPax(
  draft: Draft,
  pax: Pax | undefined,
  globals: ReadonlyMap<string, string>,
  fault: Fault,
): void {
  const field = (keyword: string): string => pax?.fields.get(keyword) ?? globals.get(keyword) ?? '';
  const string = (keyword: string, otherwise: string): string => {
    const text = field(keyword);
    if (text.includes('\0')) throw fault(`its pax ${keyword} has a NUL`);
    return text === '' ? otherwise : text;
  };
  const integer = (keyword: string, otherwise: number): number => {
    const text = field(keyword);
    return text === '' ? otherwise : parseDecimal(text, fault);
  };
  draft.name = string('path', draft.name);
  draft.linkName = string('linkpath', draft.linkName);
  draft.uname = string('uname', draft.uname);
  draft.gname = string('gname', draft.gname);
  draft.uid = integer('uid', draft.uid);
  draft.gid = integer('gid', draft.gid);
  draft.size = integer('size', draft.size);
  if (draft.size < 0) throw fault('its size is negative');
  const mtime = field('mtime');
  if (mtime !== '') draft.mtime = parseTime(mtime, fault);
  const atime = field('atime');
  if (atime !== '') draft.atime = parseTime(atime, fault);
  if (pax !== undefined && pax.xattrs.size > 0) draft.xattrs = pax.xattrs;
}

/** A decimal integer of a pax record. */
export function parseDecimal(text: string, fault: Fault): number {
  const value = /^-?[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw fault('a pax record has a number that cannot be used');
  // -0 is no id and no size.
  return value + 0;
}

/** Decimal seconds with a fraction; digits beyond the nanosecond are cut. */
function parseTime(text: string, fault: Fault): TarTime {
  const [, minus = '', whole = '', fraction = ''] = /^(-?)([0-9]{1,16})(?:\.([0-9]*))?$/.exec(text) ?? [];
  const seconds = parseDecimal(whole, fault);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'));
  if (minus === '') return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: 0 - seconds, nanoseconds }
    : { seconds: -1 - seconds, nanoseconds: 1_000_000_000 - nanoseconds };
}

/** GNU tar writes `=` in an attribute's name as `%3D` and therefore `%` as `%25`; nothing else. */
function unescapeXattr(name: string): string {
  return name.includes('%') ? name.replaceAll('%3D', '=').replaceAll('%25', '%') : name;
}

function percentDecoded(name: string): string {
  return name.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function base64Decoded(text: string, fault: Fault): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw fault('an extended attribute is not base64');
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
