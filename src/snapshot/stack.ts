import { GantryError } from '#errors';
import { mountOverlay, unmount } from '#host';
import type { Digest } from '#oci';
import { readInfo } from './info.ts';
import type { Layout } from './layout.ts';
import { rootBelow } from './root.ts';
import type { MountOptions } from './snapshots.ts';

/** Mounts the snapshots `layers` (base first) on each other: `Snapshots.mount`. */
export async function mountStack(
  layout: Layout,
  layers: readonly Digest[],
  { target, upper }: MountOptions,
): Promise<AsyncDisposable> {
  const lower = await lowerDirectories(layout, layers);
  mountOverlay({ lower, target, ...(upper === undefined ? {} : { upper }) });
  let mounted = true;
  return {
    async [Symbol.asyncDispose]() {
      // What lies at the target after the first time is not ours.
      if (mounted) await unmount(target);
      mounted = false;
    },
  };
}

async function lowerDirectories(layout: Layout, layers: readonly Digest[]): Promise<string[]> {
  const found = await Promise.all(
    layers.map(async (key) => {
      const info = await readInfo(layout.directory, key);
      if (info !== undefined) return info.directory;
      throw new GantryError('not-found', 'snapshot-not-found', `the layer ${key} is not unpacked`, {
        subject: { key },
      });
    }),
  );
  const root = await rootBelow(layout, layers);
  const stack = [...(root === undefined ? [] : [root]), ...found.reverse()];
  // overlayfs wants the topmost first, and more directories than a short stack has.
  return [...stack, ...layout.empty].slice(0, Math.max(stack.length, 2));
}
