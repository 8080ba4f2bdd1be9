import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed, temporaryDirectory } from '../test/support/peers.ts';

/** A file system made for one run. */
export interface Ground extends AsyncDisposable {
  /** An empty directory on it. */
  readonly directory: string;
}

/** Sparse: it takes only what is written. */
const size = '12G';

/**
 * A fresh ext4 on a loop device. A used disk's state drowns all differences between tools (the same 37,000 files
 * take 5 s on a fresh one and half a minute on an old one), so each run gets its own. Needs root.
 */
export async function openGround(): Promise<Ground> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory('bench'));
  const [image, directory] = [join(path, 'disk'), join(path, 'mnt')];
  await succeed('truncate', ['--size', size, image]);
  await succeed('mkfs.ext4', ['-q', '-F', image]);
  await mkdir(directory);
  await succeed('mount', ['-o', 'loop', image, directory]);
  stack.defer(async () => {
    await succeed('umount', [directory]);
  });
  const owned = stack.move();
  return { directory, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
