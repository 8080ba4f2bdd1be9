/** What an entry makes. Those from `hardlink` to `fifo` never carry data, whatever their header says. */
export type TarType =
  | 'file'
  | 'hardlink'
  | 'symlink'
  | 'character-device'
  | 'block-device'
  | 'directory'
  | 'fifo'
  /** A typeflag that is not known; its data is delivered and the consumer decides. */
  | 'unknown';

/** A point in time: `seconds` since 1970, possibly negative, plus `nanoseconds` (0 to 999,999,999). */
export interface TarTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/**
 * One entry of an archive.
 *
 * `name`, `linkName`, `uname`, `gname` and the names in `xattrs` are byte strings: one character (0 to 255) a byte,
 * so that a name which is not UTF-8 survives (`utf8Name` and `byteName` convert). They are as the archive has them:
 * a leading `./` or `/`, `..` and trailing slashes are kept.
 */
export interface TarEntry {
  readonly type: TarType;
  /** The typeflag as one character; set if and only if `type` is `unknown`. */
  readonly typeflag?: string;
  readonly name: string;
  /** The target of a symlink or a hard link; usually empty elsewhere. */
  readonly linkName: string;
  /** The mode as in the archive: permissions and set-id bits; old writers put the file type there as well. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The length of the content in bytes, holes included; 0 where the type carries no data. */
  readonly size: number;
  readonly mtime: TarTime;
  /** Only where a pax header gives it. */
  readonly atime?: TarTime;
  readonly uname: string;
  readonly gname: string;
  /** Device numbers; 0 unless `type` is a device. */
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Extended attributes by full name (`security.capability`), values exact. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** An entry under construction. */
export type Draft = { -readonly [Key in keyof TarEntry]: TarEntry[Key] };

/** The typeflags of POSIX pax (ustar interchange format) with their types. */
export const typeflags = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
} as const satisfies Record<Exclude<TarType, 'unknown'>, string>;

/** Whether entries of this type have data after the header. */
export function carriesData(type: TarType): boolean {
  return type === 'file' || type === 'unknown';
}
