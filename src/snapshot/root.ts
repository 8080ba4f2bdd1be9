import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { getXattr, listXattrs, setTimes, setXattr, type Time } from '#host';
import type { Digest } from '#oci';
import { nameOf, type Layout } from './layout.ts';

/*
 * overlayfs shows the topmost directory's own mode, owner, times and attributes as those of the mount's root. A
 * layer whose tar says nothing of its root would so hide what the layers below say of it. Beside the directory of
 * a layer that does say it lies an empty one with the same metadata, which a mount puts on top where it has to.
 */

/** Makes the empty directory `root` of the layer below `place`, with the metadata of its `fs`. */
export async function writeRoot(place: string): Promise<void> {
  await mkdir(join(place, 'root'));
  await copyRoot(join(place, 'fs'), join(place, 'root'));
}

/**
 * The directory whose metadata is that of the root of the stack `layers` (base first), if it is not already the
 * topmost layer's own: the `root` of the topmost layer that has one.
 */
export async function rootBelow(layout: Layout, layers: readonly Digest[]): Promise<string | undefined> {
  for (const [index, key] of layers.entries().toArray().reverse()) {
    const root = join(layout.directory, nameOf(key), 'root');
    const isThere = await lstat(root).then(
      () => true,
      () => false,
    );
    if (isThere) return index === layers.length - 1 ? undefined : root;
  }
  return undefined;
}

/** Gives the directory `to` the owner, mode, attributes and times of `from`, but for overlayfs's own marks. */
export async function copyRoot(from: string, to: string): Promise<void> {
  const { uid, gid, mode } = await lstat(from);
  const { mtimeNs, atimeNs } = await lstat(from, { bigint: true });
  await chown(to, uid, gid);
  await chmod(to, mode & 0o7777);
  for (const name of listXattrs(from)) {
    const value = getXattr(from, name);
    if (value !== undefined && !name.toString('latin1').startsWith('trusted.overlay.'))
      setXattr(to, name, value);
  }
  setTimes(to, timeOf(mtimeNs), timeOf(atimeNs));
}

function timeOf(nanoseconds: bigint): Time {
  const fraction = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: Number((nanoseconds - fraction) / 1_000_000_000n), nanoseconds: Number(fraction) };
}
