import fs from 'node:fs';
import { errnoOf, findError, fromErrno } from '#errors';
import { makeNode } from '#host';
import type { TarEntry, TarHandler } from '#tar';
import { Alone } from './alone.ts';
import { DirectoryTimes } from './directory-times.ts';
import { badEntry, parseEntryPath, pathBytes, printable } from './entry-path.ts';
import { Merged } from './merged.ts';
import { applyToDirectory, applyToNode } from './metadata.ts';
import { OpenFile } from './open-file.ts';
import type { Stacking } from './stacking.ts';
import { at, removeTree, Tree, type Directory } from './tree.ts';
import type { UnpackOptions } from './unpacker.ts';

/** See `UnpackOptions.mode`. */
export type UnpackMode = NonNullable<UnpackOptions['mode']>;

// image-spec layer.md, "Whiteouts". The longer prefix marks what AUFS keeps for itself.
const whiteoutPrefix = '.wh.';
const aufsPrefix = '.wh..wh.';
const opaqueMark = '.wh..wh..opq';

/**
 * Carries out the entries of a tar below a directory, by synchronous calls. In each case the last word on a name
 * counts; two directories of one name become one. Where an entry cannot be made without the layers below, nothing
 * more is written.
 *
 * @throws see `Unpacker`
 */
export class Extractor implements TarHandler, Disposable {
  readonly #tree: Tree;
  readonly #times = new DirectoryTimes();
  readonly #stacking: Stacking;
  #file: OpenFile | undefined;
  #ended: string | undefined;
  #statesRoot = false;

  constructor(target: string, mode: UnpackMode) {
    this.#tree = new Tree(target);
    this.#stacking =
      mode === 'merged'
        ? new Merged(this.#tree, this.#times)
        : new Alone(this.#tree, { isBase: mode === 'base' });
  }

  /** Why the layer is right only above those that it was made on, when it is. */
  get dependsOnLower(): string | undefined {
    return this.#ended ?? this.#stacking.dependence;
  }

  /** Whether an entry said what the root is. */
  get statesRoot(): boolean {
    return this.#statesRoot;
  }

  entry(entry: TarEntry): void {
    if (this.#ended !== undefined) return;
    this.#tree.sweep();
    try {
      this.#make(entry);
    } catch (error) {
      const dependence = findError(error, { code: 'layer-depends-on-lower' });
      if (dependence === undefined) throw translated(error, entry);
      this.#ended = dependence.message;
    }
  }

  data(chunk: Uint8Array): void {
    this.#file?.write(chunk);
  }

  hole(length: number): void {
    this.#file?.skip(length);
  }

  entryEnd(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.finish();
  }

  /** To be called after the last entry. */
  finish(): void {
    if (this.#ended === undefined) this.#times.apply(this.#tree);
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    this.#tree[Symbol.dispose]();
  }

  #make(entry: TarEntry): void {
    const { parent, base } = parseEntryPath(entry.name);
    if (base === '') this.#makeRoot(entry);
    else if (base === opaqueMark && !isAufs(parent)) this.#hide(parent);
    else if (isAufs(parent) || base.startsWith(aufsPrefix)) return;
    else if (base.startsWith(whiteoutPrefix))
      this.#hide(parent, base.slice(whiteoutPrefix.length), entry.name);
    // A device 0:0 is a whiteout to overlayfs, and so to Docker and containerd when they unpack one.
    else if (isOverlayWhiteout(entry)) this.#hide(parent, base, entry.name);
    else {
      const directory = this.#stacking.parent(parent);
      this.#makeIn(directory, base, entry);
      this.#stacking.made(directory, base);
    }
  }

  #makeRoot(entry: TarEntry): void {
    if (entry.type !== 'directory') throw badEntry(entry.name, 'the root of a layer is a directory');
    applyToDirectory(at(this.#tree.root, ''), entry, { existed: true });
    this.#times.set('', entry);
    this.#statesRoot = true;
  }

  #hide(parent: string, base?: string, name = ''): void {
    if (base === '' || base === '.' || base === '..')
      throw badEntry(name, 'it hides nothing that has a name');
    const directory = this.#stacking.whiteoutParent(parent);
    if (directory === undefined) return;
    if (base === undefined) this.#stacking.opaque(directory);
    else this.#stacking.whiteout(directory, base);
  }

  #makeIn(directory: Directory, base: string, entry: TarEntry): void {
    const path = at(directory, base);
    switch (entry.type) {
      case 'file':
        this.#file = this.#replacing(directory, base, () => new OpenFile(path, entry));
        return;
      case 'directory':
        this.#makeDirectory(directory, base, entry);
        return;
      case 'hardlink':
        this.#makeLink(directory, base, entry);
        return;
      case 'symlink':
        if (entry.linkName.includes('\0')) throw badEntry(entry.name, 'its target has a zero byte');
        this.#replacing(directory, base, () => {
          fs.symlinkSync(pathBytes(entry.linkName), path);
        });
        applyToNode(path, entry, 'symlink');
        return;
      case 'character-device':
      case 'block-device':
      case 'fifo': {
        const { type, deviceMajor: major, deviceMinor: minor } = entry;
        this.#replacing(directory, base, () => {
          makeNode(path, type, { mode: 0o600, device: { major, minor } });
        });
        applyToNode(path, entry, 'node');
        return;
      }
      case 'unknown':
        throw badEntry(entry.name, `its type ${JSON.stringify(entry.typeflag)} is not known`);
    }
  }

  #makeDirectory(directory: Directory, base: string, entry: TarEntry): void {
    const path = at(directory, base);
    let existed = false;
    try {
      fs.mkdirSync(path, 0o700);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      existed = fs.lstatSync(path).isDirectory();
      if (!existed) {
        this.#remove(directory, base);
        fs.mkdirSync(path, 0o700);
        this.#stacking.becameDirectory(directory, base);
      }
    }
    applyToDirectory(path, entry, { existed });
    this.#times.set(directory.path === '' ? base : `${directory.path}/${base}`, entry);
  }

  /** A hard link has no metadata of its own: what the entry says of them is left, as GNU tar and umoci do. */
  #makeLink(directory: Directory, base: string, { linkName, name }: TarEntry): void {
    const link = parseEntryPath(linkName);
    let from: Directory;
    try {
      from = this.#tree.directory(link.parent);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR')
        throw this.#stacking.missingLinkTarget(linkName);
      throw error;
    }
    this.#stacking.checkLinkTarget(from, link.base);
    const target = fs.lstatSync(at(from, link.base), { bigint: true, throwIfNoEntry: false });
    if (target === undefined) throw this.#stacking.missingLinkTarget(linkName);
    if (target.isDirectory()) throw badEntry(name, 'it is a hard link to a directory');
    this.#replacing(directory, base, () => {
      const there = fs.lstatSync(at(directory, base), { bigint: true, throwIfNoEntry: false });
      // They are the same already: to replace the one would be to lose both.
      if (there?.ino === target.ino && there.dev === target.dev) return;
      fs.linkSync(at(from, link.base), at(directory, base));
    });
  }

  /** Makes something new; what is in the way is removed. */
  #replacing<T>(directory: Directory, base: string, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    this.#remove(directory, base);
    return make();
  }

  #remove(directory: Directory, base: string): void {
    removeTree(directory, base);
    this.#tree.forget();
  }
}

function isAufs(parent: string): boolean {
  return parent.startsWith(aufsPrefix) || parent.includes(`/${aufsPrefix}`);
}

function isOverlayWhiteout({ type, deviceMajor, deviceMinor }: TarEntry): boolean {
  return type === 'character-device' && deviceMajor === 0 && deviceMinor === 0;
}

/** What the kernel says of an entry that cannot be: the layer is wrong, not the machine. */
const badEntries: Readonly<Record<string, string>> = {
  ENOENT: 'a name in it is empty or missing',
  ENOTDIR: 'a part of its path is no directory',
  ELOOP: 'its path has too many symlinks',
  ENAMETOOLONG: 'its path is too long',
  EINVAL: 'the file system takes no such name or value',
  EMLINK: 'the file has too many hard links',
  E2BIG: 'an attribute is too large',
  ERANGE: 'an attribute is too long',
};

function translated(error: unknown, { name }: TarEntry): unknown {
  const words = badEntries[errnoOf(error) ?? ''];
  return words === undefined ? fromErrno(error, `unpack ${printable(name)}`) : badEntry(name, words, error);
}
