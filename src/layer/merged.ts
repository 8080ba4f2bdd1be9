import fs from 'node:fs';
import { errnoOf, type GantryError } from '#errors';
import type { DirectoryTimes } from './directory-times.ts';
import { badEntry } from './entry-path.ts';
import type { Stacking } from './stacking.ts';
import { at, removeTree, type Directory, type Tree } from './tree.ts';

/** A layer applied to a tree that shows the layers below: what it hides is removed. */
export class Merged implements Stacking {
  readonly dependence = undefined;
  readonly #tree: Tree;
  readonly #times: DirectoryTimes;
  /** Real paths below the root that this layer made, and all directories above them. */
  readonly #made = new Set<string>(['']);

  constructor(tree: Tree, times: DirectoryTimes) {
    this.#tree = tree;
    this.#times = times;
  }

  parent(path: string): Directory {
    const found = this.whiteoutParent(path);
    if (found !== undefined) return found;
    // What is made on the way goes into a directory whose times are to stay as well.
    if (path !== '') this.parent(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    const directory = this.#tree.madeDirectory(path);
    this.#times.keep(directory);
    return directory;
  }

  whiteoutParent(path: string): Directory | undefined {
    try {
      const directory = this.#tree.directory(path);
      // A directory without an entry of its own is as the layers below have it, times and all.
      this.#times.keep(directory);
      return directory;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  whiteout(directory: Directory, base: string): void {
    if (!this.#made.has(join(directory.path, base))) {
      removeIfThere(directory, base);
      this.#tree.forget();
      return;
    }
    // This layer made it, or something in it: only the rest goes.
    const own = fs.lstatSync(at(directory, base), { throwIfNoEntry: false });
    if (own?.isDirectory() === true) this.#hideWithin(directory, base);
  }

  opaque(directory: Directory): void {
    this.#hideWithin(directory, '');
  }

  made({ path }: Directory, base: string): void {
    this.#made.add(join(path, base));
    for (
      let above = path;
      !this.#made.has(above);
      above = above.slice(0, Math.max(0, above.lastIndexOf('/')))
    ) {
      this.#made.add(above);
    }
  }

  becameDirectory(): void {
    // What was there is gone with all that it held.
  }

  checkLinkTarget(): void {
    // A merged tree has no marks.
  }

  missingLinkTarget(name: string): GantryError {
    return badEntry(name, 'it is the target of a hard link and does not exist');
  }

  #hideWithin(directory: Directory, path: string): void {
    for (const name of fs.readdirSync(at(directory, path), 'latin1'))
      this.whiteout(directory, join(path, name));
  }
}

function removeIfThere(directory: Directory, base: string): void {
  try {
    removeTree(directory, base);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

function join(directory: string, base: string): string {
  return directory === '' ? base : `${directory}/${base}`;
}
