import type { Digest } from '#oci';

/** A layer's directory, whole and never changed again. */
export interface SnapshotInfo {
  /**
   * The layer's diff id where its directory is right on top of any layer; the chain id where it is right only
   * above the layers that it was made on.
   */
  readonly key: Digest;
  /** The overlay lower directory. */
  readonly directory: string;
  /** Bytes of regular files, hard links once. */
  readonly size: number;
}

/**
 * Directories of unpacked layers and their stacking. Needs root (overlayfs, ownership, devices). Several
 * processes may use one store at once; a killed process leaves nothing but a directory that the next open clears.
 */
export interface Snapshots {
  stat(key: Digest): Promise<SnapshotInfo | undefined>;

  /**
   * A fresh, empty directory for the layer `diffId`, held by this writer alone: another writer of the same layer
   * waits here. The caller fills it and commits it, or disposes it unfinished, which removes it. Another writer may
   * have committed while this one waited: look with `stat` before the work begins.
   *
   * @throws the signal's reason when aborted while waiting
   */
  prepare(diffId: Digest, options?: { signal?: AbortSignal }): Promise<PreparedSnapshot>;

  /**
   * Mounts layers on each other. `layers` are snapshot keys, base first; changes go to `upper` when it is given,
   * otherwise the mount is read-only. The root of a read-only mount is as the topmost layer that states it says;
   * with `upper` it is `upper`'s own. Disposing unmounts.
   *
   * @throws not-found `snapshot-not-found`, unsupported `overlay-unsupported`
   */
  mount(layers: readonly Digest[], options: MountOptions): Promise<AsyncDisposable>;

  /**
   * Puts the layer's directory, which nobody may have mounted, out of sight at once and deletes it afterwards;
   * disposing waits for that. Removing what is not here is no error.
   */
  remove(key: Digest): Promise<void>;

  list(): AsyncIterable<SnapshotInfo>;
}

export interface MountOptions {
  /** Where; the directory must exist. */
  readonly target: string;
  /** Directories on one file system that take the changes; `work` must be empty. */
  readonly upper?: { readonly directory: string; readonly work: string };
}

export interface PreparedSnapshot extends AsyncDisposable {
  /** To be filled: becomes the snapshot's directory. */
  readonly directory: string;

  /**
   * The same directory seen above `lower` (snapshot keys, base first), mounted: for a layer whose entries reach
   * into the layers below. Whatever was in the directory is removed first. Unmounted by commit or dispose.
   */
  mountAbove(lower: readonly Digest[]): Promise<{ readonly target: string }>;

  /**
   * Makes the directory durable and visible under `key`: the diff id, or the chain id after `mountAbove`.
   * When `key` was committed by someone else meanwhile, that one stays and this one is removed.
   *
   * @param options.statesRoot the layer itself says what its root is (mode, owner, times, attributes); otherwise
   *   that of the layers below is shown. What was made by `mountAbove` has it from them already
   */
  commit(key: Digest, size: number, options?: { readonly statesRoot?: boolean }): Promise<SnapshotInfo>;
}
