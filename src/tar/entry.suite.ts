import { encodeHeader, endOfArchive, padding, type TarEntry } from './index.ts';

/** A file entry with these properties. */
export function entryWith(properties: Partial<TarEntry>): TarEntry {
  return {
    type: 'file',
    name: 'x',
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: { seconds: 0, nanoseconds: 0 },
    uname: '',
    gname: '',
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
    ...properties,
  };
}

/** The archive that the writer makes of these entries; the content of each is `size` times the letter x. */
export function archiveOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap((entry) => [encodeHeader(entry), Buffer.alloc(entry.size, 'x'), padding(entry.size)]),
    endOfArchive(),
  ]);
}
