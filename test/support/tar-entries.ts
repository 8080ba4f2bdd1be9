import { encodeHeader, endOfArchive, padding, type TarEntry, type TarType } from '#tar';

/** An entry in few words: what is left out has plain values; `content` implies the size. */
export type EntryWords = Partial<Omit<TarEntry, 'size' | 'xattrs' | 'mtime'>> & {
  readonly name: string;
  readonly content?: string;
  /** Whole seconds. */
  readonly mtime?: number;
  readonly nanoseconds?: number;
  readonly xattrs?: Readonly<Record<string, string>>;
};

/** An archive of `entries`. The type is `file`, or `directory` for a name that ends in a slash. */
export function tarOf(entries: readonly EntryWords[]): Buffer {
  return Buffer.concat([...entries.flatMap(encoded), endOfArchive()]);
}

function encoded({
  content = '',
  mtime = 1_000_000,
  nanoseconds = 0,
  xattrs = {},
  ...words
}: EntryWords): Uint8Array[] {
  const bytes = Buffer.from(content);
  const type: TarType = words.type ?? (words.name.endsWith('/') ? 'directory' : 'file');
  const header = encodeHeader({
    linkName: '',
    mode: type === 'directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
    deviceMajor: 0,
    deviceMinor: 0,
    ...words,
    type,
    size: bytes.length,
    mtime: { seconds: mtime, nanoseconds },
    xattrs: new Map(Object.entries(xattrs).map(([name, value]) => [name, Buffer.from(value, 'latin1')])),
  });
  return [header, bytes, padding(bytes.length)];
}
