import fs from 'node:fs';
import { errnoOf } from '#errors';
import { openDirectoryIn } from '#host';
import { badEntry, parseEntryPath, pathBytes } from './entry-path.ts';

// Enough for the depth of a tree, so that a walk through it opens each directory once.
const openDirectories = 64;
// So that every path stays below PATH_MAX (4096) wherever the tree is put, and can be removed again.
const longestPath = 3500;

/** An open directory of the tree. */
export interface Directory {
  readonly fd: number;
  /** Where it really is below the root, symlinks resolved; '' for the root. */
  readonly path: string;
}

/**
 * The tree that a layer is unpacked into. Directories are opened by the kernel as if the tree were the whole file
 * system, so that no symlink in it leads out; the names in them are reached through their descriptors. All names
 * are byte strings.
 */
export class Tree implements Disposable {
  readonly root: Directory;
  readonly #base: number;
  /** By the path that was asked for; the longest unused first. */
  readonly #open = new Map<string, Directory>();
  readonly #displaced: number[] = [];

  constructor(target: string) {
    this.root = { fd: fs.openSync(target, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY), path: '' };
    this.#base = realPath(this.root.fd).length;
  }

  /** The directory at `path`, open until the next `sweep` at least. Throws a system error: ENOENT, ENOTDIR, ELOOP. */
  directory(path: string): Directory {
    if (path === '') return this.root;
    const known = this.#open.get(path);
    const directory = known ?? this.#openNow(path);
    if (known !== undefined) this.#open.delete(path);
    else if (this.#open.size >= openDirectories) this.#displaceOldest();
    this.#open.set(path, directory);
    return directory;
  }

  /** As `directory`, but makes what is missing: 0755, as Docker and containerd do. */
  madeDirectory(path: string, links = 0): Directory {
    try {
      return this.directory(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    const { parent, base } = parseEntryPath(path);
    const above = this.madeDirectory(parent, links);
    try {
      fs.mkdirSync(at(above, base));
      // A directory with the set-group bit hands on its group and the bit.
      fs.chownSync(at(above, base), 0, 0);
      fs.chmodSync(at(above, base), 0o755);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      // A symlink to what is missing: that is made.
      const link = fs.readlinkSync(at(above, base), 'latin1');
      if (links > 40) throw badEntry(path, 'it has too many symlinks');
      this.madeDirectory(withoutEscape(link.startsWith('/') ? link : `${above.path}/${link}`), links + 1);
    }
    return this.directory(path);
  }

  /** To be called when a directory or a symlink was removed: what is open may not be what its path says. */
  forget(): void {
    while (this.#open.size > 0) this.#displaceOldest();
  }

  /** To be called when no directory is in use. */
  sweep(): void {
    for (let fd = this.#displaced.pop(); fd !== undefined; fd = this.#displaced.pop()) fs.closeSync(fd);
  }

  [Symbol.dispose](): void {
    this.forget();
    this.sweep();
    fs.closeSync(this.root.fd);
  }

  #openNow(path: string): Directory {
    const fd = openDirectoryIn(this.root.fd, pathBytes(path));
    try {
      const real = realPath(fd).slice(this.#base + 1);
      if (real.length > longestPath) throw badEntry(path, 'its path is too long');
      return { fd, path: real };
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  #displaceOldest(): void {
    for (const [path, { fd }] of this.#open) {
      this.#open.delete(path);
      this.#displaced.push(fd);
      return;
    }
  }
}

/** The kernel's path to `name` in an open directory, or to the directory itself when `name` is ''. */
export function at(directory: Directory, name: string): string | Buffer {
  return pathBytes(bytePath(directory, name));
}

/** Removes `name` and, when it is a directory, all that is in it; symlinks are not followed. */
export function removeTree(directory: Directory, name: string): void {
  removeAt(bytePath(directory, name));
}

function removeAt(path: string): void {
  try {
    fs.unlinkSync(pathBytes(path));
  } catch (error) {
    if (errnoOf(error) !== 'EISDIR') throw error;
    for (const name of fs.readdirSync(pathBytes(path), 'latin1')) removeAt(`${path}/${name}`);
    fs.rmdirSync(pathBytes(path));
  }
}

function bytePath({ fd }: Directory, name: string): string {
  return `/proc/self/fd/${fd}/${name === '' ? '.' : name}`;
}

function realPath(fd: number): string {
  return fs.readlinkSync(`/proc/self/fd/${fd}`, 'latin1');
}

/** As the kernel resolves `..` at a root: it stays there. */
function withoutEscape(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
