import { mkdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, fromErrno } from '#errors';
import { listMounts, openLock, syncDirectory, syncFileSystem, tryLock, unmount } from '#host';
import type { Digest } from '#oci';
import { encodeInfo, readInfo } from './info.ts';
import { nameOf, trashPath, type Layout } from './layout.ts';
import { copyRoot, rootBelow, writeRoot } from './root.ts';
import type { PreparedSnapshot, SnapshotInfo } from './snapshots.ts';
import { mountStack } from './stack.ts';

/** Opens the one place where the layer `diffId` is made: `Snapshots.prepare`. */
export async function prepareSnapshot(
  layout: Layout,
  diffId: Digest,
  { signal }: { signal?: AbortSignal },
): Promise<PreparedSnapshot> {
  const name = nameOf(diffId);
  const lock = await openLock(join(layout.locks, name), signal === undefined ? {} : { signal });
  const place = new Place(layout, name, lock);
  try {
    // A killed process may have left its own.
    await place.discard();
    await mkdir(place.root, { mode: 0o700 });
    await mkdir(place.directory, { mode: 0o755 });
    return place;
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throw fromErrno(error, `prepare the layer ${diffId}`, { diffId });
  }
}

/** Puts what a killed process left under `new/<name>` into the trash, unless a living one works there. */
export async function setAbandonedAside(layout: Layout, name: string): Promise<void> {
  using lock = tryLock(join(layout.locks, name));
  if (lock === undefined) return;
  await setAside(layout, join(layout.making, name));
  await unlink(join(layout.locks, name));
}

/** Unmounts all below `root` and moves it to the trash; answers where it is now, if it was there. */
async function setAside(layout: Layout, root: string): Promise<string | undefined> {
  const trash = trashPath(layout);
  try {
    for (const mounted of await listMounts(root)) await unmount(mounted);
    await rename(root, trash);
    return trash;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fromErrno(error, `set ${root} aside`);
  }
}

class Place implements PreparedSnapshot {
  readonly root: string;
  readonly directory: string;
  readonly #layout: Layout;
  readonly #lockPath: string;
  #lock: Disposable | undefined;
  #isAbove = false;

  constructor(layout: Layout, name: string, lock: Disposable) {
    this.#layout = layout;
    this.root = join(layout.making, name);
    this.directory = join(this.root, 'fs');
    this.#lockPath = join(layout.locks, name);
    this.#lock = lock;
  }

  async mountAbove(lower: readonly Digest[]): Promise<{ target: string }> {
    try {
      await this.#unmount();
      const [work, target] = [join(this.root, 'work'), join(this.root, 'merged')];
      await rm(this.directory, { recursive: true, force: true });
      for (const directory of [this.directory, work, target]) await mkdir(directory, { mode: 0o755 });
      await this.#takeRootFrom(lower);
      this.#isAbove = true;
      await mountStack(this.#layout, lower, { target, upper: { directory: this.directory, work } });
      return { target };
    } catch (error) {
      throw fromErrno(error, `mount ${lower.length} layers below ${this.directory}`);
    }
  }

  async commit(key: Digest, size: number, { statesRoot = false } = {}): Promise<SnapshotInfo> {
    const { directory } = this.#layout;
    try {
      await this.#unmount();
      if (statesRoot || this.#isAbove) await writeRoot(this.root);
      await writeFile(join(this.root, 'info.json'), encodeInfo({ size }));
      // All must be durable before the rename makes it visible.
      await syncFileSystem(this.root);
      await rename(this.root, join(directory, nameOf(key))).catch((error: unknown) => {
        if (!['EEXIST', 'ENOTEMPTY'].includes(errnoOf(error) ?? '')) throw error;
      });
      await syncDirectory(directory);
    } catch (error) {
      throw fromErrno(error, `commit the layer ${key}`, { key });
    }
    const info = await readInfo(directory, key);
    await this[Symbol.asyncDispose]();
    return info ?? { key, directory: join(directory, nameOf(key), 'fs'), size };
  }

  /** Unmounts and removes everything under `root`. */
  async discard(): Promise<void> {
    const trash = await setAside(this.#layout, this.root);
    if (trash !== undefined) await rm(trash, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#lock === undefined) return;
    try {
      await this.discard();
      await unlink(this.#lockPath);
    } finally {
      this.#lock[Symbol.dispose]();
      this.#lock = undefined;
    }
  }

  async #unmount(): Promise<void> {
    await unmount(join(this.root, 'merged'));
    // The kernel keeps its own things in `work`, which must be empty for the next mount.
    await rm(join(this.root, 'work'), { recursive: true, force: true });
    await rmdir(join(this.root, 'merged')).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
  }

  /** The root of the layers below shows through only by its contents: what it is else is copied. */
  async #takeRootFrom(lower: readonly Digest[]): Promise<void> {
    const top = lower.at(-1);
    const below = top === undefined ? undefined : await readInfo(this.#layout.directory, top);
    if (below === undefined) return;
    await copyRoot((await rootBelow(this.#layout, lower)) ?? below.directory, this.directory);
  }
}
