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
  #hasWhiteouts = false;

  constructor(tree: Tree, { isBase }: { isBase: boolean }) {
    this.#tree = tree;
    this.#isBase = isBase;
  }

  parent(path: string): Directory {
    try {
      return this.#tree.directory(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#depend(`it has no entry for the directory ${printable(path)}`);
    }
    this.#clearWhiteoutsTo(path);
    return this.#tree.madeDirectory(path);
  }

  whiteoutParent(path: string): Directory | undefined {
    try {
      return this.#tree.directory(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#depend(`it hides something in the directory ${printable(path)}, which it does not have`);
      return undefined;
    }
  }

  whiteout(directory: Directory, base: string): void {
    const path = at(directory, base);
    const own = fs.lstatSync(path, { throwIfNoEntry: false });
    if (own?.isDirectory() === true) setXattr(path, 'trusted.overlay.opaque', yes);
    if (own !== undefined) return;
    makeNode(path, 'character-device', { mode: 0 });
    // Where no layer below has the directory, overlayfs would list the mark itself: this makes it look.
    if (directory.path !== '') setXattr(at(directory, ''), 'trusted.overlay.origin', new Uint8Array(0));
    this.#hasWhiteouts = true;
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
    if (this.#hasWhiteouts && isWhiteout(directory, base)) throw this.missingLinkTarget(base);
  }

  missingLinkTarget(name: string): GantryError {
    return this.#isBase
      ? badEntry(name, 'it is the target of a hard link and does not exist')
      : dependsOnLower(`it has a hard link to ${printable(name)}, which it does not have`);
  }

  /** What is found out here is noted for the base of an image, and ends the work elsewhere. */
  #depend(why: string): void {
    if (!this.#isBase) throw dependsOnLower(why);
    this.dependence ??= why;
  }

  /** What this layer hid and then makes again is new: the marks on the way to `path` go. */
  #clearWhiteoutsTo(path: string): void {
    if (!this.#hasWhiteouts) return;
    const parts = path.split('/');
    for (const [depth, base] of parts.entries()) {
      const directory = this.#tree.madeDirectory(parts.slice(0, depth).join('/'));
      if (isWhiteout(directory, base)) fs.unlinkSync(at(directory, base));
    }
  }
}

function isWhiteout(directory: Directory, base: string): boolean {
  const found = fs.lstatSync(at(directory, base), { throwIfNoEntry: false });
  return found?.isCharacterDevice() === true && found.rdev === 0;
}

/** ENOTDIR as well: a whiteout of this layer may be in the way, and the directory then is a new one. */
function isMissing(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR';
}
