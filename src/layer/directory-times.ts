import fs from 'node:fs';
import { errnoOf } from '#errors';
import { openDirectoryIn, setTimes, type Time } from '#host';
import { pathBytes } from './entry-path.ts';
import { at, type Directory, type Tree } from './tree.ts';

/** The times of directories, set when nothing is made in them any more. */
export class DirectoryTimes {
  readonly #times = new Map<string, { readonly mtime: Time; readonly atime?: Time }>();

  /** By real path below the root; the last word counts. */
  set(path: string, { mtime, atime }: { readonly mtime: Time; readonly atime?: Time }): void {
    this.#times.set(path, atime === undefined ? { mtime } : { mtime, atime });
  }

  /** The directory is to have in the end the times that it has now, unless an entry says others. */
  keep(directory: Directory): void {
    if (this.#times.has(directory.path)) return;
    const { mtimeNs, atimeNs } = fs.statSync(at(directory, ''), { bigint: true });
    this.#times.set(directory.path, { mtime: timeOf(mtimeNs), atime: timeOf(atimeNs) });
  }

  apply(tree: Tree): void {
    for (const [path, { mtime, atime }] of this.#times) {
      let fd: number;
      try {
        fd = openDirectoryIn(tree.root.fd, path === '' ? '.' : pathBytes(path), { symlinks: false });
      } catch (error) {
        // Something else took its place later in the layer.
        if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) continue;
        throw error;
      }
      try {
        setTimes(fd, mtime, atime);
      } finally {
        fs.closeSync(fd);
      }
    }
  }
}

function timeOf(nanoseconds: bigint): Time {
  const fraction = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: Number((nanoseconds - fraction) / 1_000_000_000n), nanoseconds: Number(fraction) };
}
