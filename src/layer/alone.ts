import fs from 'node:fs';
import { errnoOf, type GantryError } from '#errors';
import { makeNode, setXattr } from '#host';
import { badEntry, printable } from './entry-path.ts';
import { dependsOnLower, type Stacking } from './stacking.ts';
import { at, type Directory, type Tree } from './tree.ts';

const yes = Buffer.from('y');

/**
 * A layer in a directory of its own, as overlayfs reads it: Documentation/filesystems/overlayfs.rst, "whiteouts
 * and opaque directories". Nothing is in the directory but what this layer made.
 *
 * As the base of an image it has nothing below: what else would be looked for there is made or left out, and
 * `dependence` notes that other images may not use the directory elsewhere.
 */
export class Alone implements Stacking {
  dependence: string | undefined;
  readonly #tree: Tree;
  readonly #isBase: boolean;
  /** Where this layer has hidden something: parent (its real path) and name. */
  #whiteouts: (readonly [string, string])[] = [];

  constructor(tree: Tree, { isBase }: { isBase: boolean }) {
    this.#tree = tree;
    this.#isBase = isBase;
  }

  parent(path: string): Directory {
    const found = this.#find(path);
    if (found !== undefined) return found;
    this.#depend(`it has no entry for the directory ${printable(path)}`);
    return this.#tree.madeDirectory(path);
  }

  whiteoutParent(path: string): Directory | undefined {
    const found = this.#find(path);
    if (found === undefined) this.#depend(`it hides something in ${printable(path)}, which it does not have`);
    return found;
  }

  whiteout(directory: Directory, base: string): void {
    const path = at(directory, base);
    const own = fs.lstatSync(path, { throwIfNoEntry: false });
    if (own?.isDirectory() === true) setXattr(path, 'trusted.overlay.opaque', yes);
    // A base that only its image uses has nothing to hide.
    if (own !== undefined || this.dependence !== undefined) return;
    makeNode(path, 'character-device', { mode: 0 });
    // Where no layer below has the directory, overlayfs would list the mark itself: this makes it look.
    if (directory.path !== '') setXattr(at(directory, ''), 'trusted.overlay.origin', new Uint8Array(0));
    this.#whiteouts.push([directory.path, base]);
  }

  opaque(directory: Directory): void {
    if (directory.path === '') this.#depend('it hides all below its root, which overlayfs cannot note');
    else setXattr(at(directory, ''), 'trusted.overlay.opaque', yes);
  }

  made(): void {
    // All that is here was made by this layer.
  }

  becameDirectory(directory: Directory, base: string): void {
    // In order, what was there first would have removed a directory of the layers below.
    setXattr(at(directory, base), 'trusted.overlay.opaque', yes);
  }

  checkLinkTarget(directory: Directory, base: string): void {
    if (this.#whiteouts.length > 0 && isWhiteout(directory, base)) throw this.missingLinkTarget(base);
  }

  missingLinkTarget(name: string): GantryError {
    return this.#isBase
      ? badEntry(name, 'it is the target of a hard link and does not exist')
      : dependsOnLower(`it has a hard link to ${printable(name)}, which it does not have`);
  }

  #find(path: string): Directory | undefined {
    try {
      return this.#tree.directory(path);
    } catch (error) {
      // ENOTDIR as well: a whiteout of this layer may be in the way, and the directory then is a new one.
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  /** What is found out here is noted for the base of an image, and ends the work elsewhere. */
  #depend(why: string): void {
    if (!this.#isBase) throw dependsOnLower(why);
    this.dependence ??= why;
    // They hide nothing now, and would be in the way where the layer makes such a name after all.
    for (const [path, base] of this.#whiteouts) {
      const directory = this.#find(path);
      if (directory !== undefined && isWhiteout(directory, base)) fs.unlinkSync(at(directory, base));
      this.#tree.sweep();
    }
    this.#whiteouts = [];
  }
}

function isWhiteout(directory: Directory, base: string): boolean {
  const found = fs.lstatSync(at(directory, base), { throwIfNoEntry: false });
  return found?.isCharacterDevice() === true && found.rdev === 0;
}
