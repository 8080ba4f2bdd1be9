import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { fromErrno, GantryError } from '#errors';
import { encodeHeader, endOfArchive, padding, type TarEntry } from '#tar';

/**
 * A directory as a tar stream, made while it is read: an OCI layout, or an archive that was unpacked. Files, folders
 * and links go with their names and bytes; what else lies there is passed over.
 *
 * @throws `errno-…`; conflict `file-changed` when a file has other than the bytes it had when it was listed
 */
export async function* directoryArchive(directory: string): AsyncGenerator<Uint8Array, void> {
  try {
    yield* entries(directory, '');
  } catch (error) {
    throw fromErrno(error, `read ${directory}`);
  }
  yield endOfArchive();
}

async function* entries(directory: string, prefix: string): AsyncGenerator<Uint8Array, void> {
  for (const name of (await readdir(directory)).sort()) {
    const [file, entryName] = [path.join(directory, name), `${prefix}${name}`];
    const stats = await lstat(file);
    if (stats.isDirectory()) {
      yield header({ type: 'directory', name: `${entryName}/` });
      yield* entries(file, `${entryName}/`);
    } else if (stats.isSymbolicLink()) {
      yield header({ type: 'symlink', name: entryName, linkName: await readlink(file) });
    } else if (stats.isFile()) {
      yield header({ type: 'file', name: entryName, size: stats.size });
      yield* contents(file, stats.size);
      yield padding(stats.size);
    }
  }
}

async function* contents(file: string, size: number): AsyncGenerator<Uint8Array, void> {
  if (size === 0) return;
  let rest = size;
  for await (const chunk of createReadStream(file, { end: size - 1 }) as AsyncIterable<Uint8Array>) {
    rest -= chunk.length;
    yield chunk;
  }
  if (rest === 0) return;
  throw new GantryError('conflict', 'file-changed', `${file} became shorter while it was read: try again`, {
    subject: { file },
  });
}

function header(entry: Pick<TarEntry, 'type' | 'name'> & Partial<TarEntry>): Uint8Array {
  return encodeHeader({
    linkName: '',
    mode: entry.type === 'directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: { seconds: 0, nanoseconds: 0 },
    uname: '',
    gname: '',
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
    ...entry,
  });
}
