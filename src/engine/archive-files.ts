import { encodeHeader, padding, type TarEntry } from '#tar';

/** A small file, whole. */
export function archiveFile(name: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([archiveHeader(name, 'file', bytes.length), bytes, padding(bytes.length)]);
}

/** The header of a file or folder of an archive. Owner root, time 0: nothing of this machine is in it. */
export function archiveHeader(name: string, type: 'file' | 'directory', size = 0): Uint8Array {
  const entry: TarEntry = {
    type,
    name,
    linkName: '',
    mode: type === 'directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: { seconds: 0, nanoseconds: 0 },
    uname: '',
    gname: '',
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
  };
  return encodeHeader(entry);
}
