import { mkdir, opendir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errnoOf, fromErrno } from '#errors';
import type { Digest } from '#oci';
import { readInfo } from './info.ts';
import { digestIn, layoutOf, nameOf, trashPath, type Layout } from './layout.ts';
import { setAbandonedAside, prepareSnapshot } from './prepared.ts';
import type { MountOptions, PreparedSnapshot, SnapshotInfo, Snapshots } from './snapshots.ts';
import { mountStack } from './stack.ts';

/**
 * Opens the snapshots below `directory`, which is made (0700) when it is missing. What killed processes left is
 * unmounted and set aside before this returns, and deleted afterwards; disposing waits for that.
 *
 * @throws `errno-…`
 */
export async function openSnapshots({
  directory,
}: {
  directory: string;
}): Promise<Snapshots & AsyncDisposable> {
  const layout = layoutOf(resolve(directory));
  try {
    await mkdir(layout.directory, { recursive: true, mode: 0o700 });
    for (const path of [layout.making, layout.locks, layout.trash, ...layout.empty]) {
      await mkdir(path, { recursive: true });
    }
    for (const name of await readdir(layout.making)) await setAbandonedAside(layout, name);
    return new DiskSnapshots(layout, await readdir(layout.trash));
  } catch (error) {
    throw fromErrno(error, `open the snapshots in ${layout.directory}`, { path: layout.directory });
  }
}

class DiskSnapshots implements Snapshots, AsyncDisposable {
  readonly #layout: Layout;
  readonly #emptying = new Set<Promise<void>>();

  constructor(layout: Layout, trash: readonly string[]) {
    this.#layout = layout;
    for (const name of trash) this.#empty(join(layout.trash, name));
  }

  /** Deletes in the background. Another process may be at the same; what fails is there at the next opening. */
  #empty(path: string): void {
    const emptying = rm(path, { recursive: true, force: true })
      .catch(() => undefined)
      .finally(() => this.#emptying.delete(emptying));
    this.#emptying.add(emptying);
  }

  async stat(key: Digest): Promise<SnapshotInfo | undefined> {
    return readInfo(this.#layout.directory, key);
  }

  async prepare(diffId: Digest, options: { signal?: AbortSignal } = {}): Promise<PreparedSnapshot> {
    return prepareSnapshot(this.#layout, diffId, options);
  }

  async mount(layers: readonly Digest[], options: MountOptions): Promise<AsyncDisposable> {
    return mountStack(this.#layout, layers, options);
  }

  async remove(key: Digest): Promise<void> {
    const trash = trashPath(this.#layout);
    try {
      // Out of sight at once: a deletion that breaks off must not leave half a layer, and whoever removes many
      // holds the metadata's lock meanwhile.
      await rename(join(this.#layout.directory, nameOf(key)), trash);
      this.#empty(trash);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw fromErrno(error, `remove the layer ${key}`, { key });
    }
  }

  async *list(): AsyncIterable<SnapshotInfo> {
    for await (const { name } of await opendir(this.#layout.directory)) {
      const key = digestIn(name);
      const info = key === undefined ? undefined : await this.stat(key);
      if (info !== undefined) yield info;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#emptying);
  }
}
