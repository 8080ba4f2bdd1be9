import { join } from 'node:path';
import { openDiskContent } from '#content';
import type { Engine } from '#engine';
import { openUnpacker } from '#layer';
import { openMetadata } from '#metadata';
import { openSnapshots } from '#snapshot';
import { openTestEngine } from './test-engine.ts';

/** An engine over the store in `root`, as a command opens it, with no registry; layers are unpacked (needs root). */
export async function openStoreEngine(root: string): Promise<{ engine: Engine } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const metadata = opened.use(await openMetadata({ path: join(root, 'metadata.sqlite') }));
  const snapshots = opened.use(await openSnapshots({ directory: join(root, 'snapshots') }));
  const { engine } = opened.use(
    await openTestEngine({
      metadata,
      content: await openDiskContent({ directory: root }),
      unpacker: opened.use(openUnpacker({ threads: 1 })),
      unpacking: { snapshots, when: 'eager' },
    }),
  );
  const owned = opened.move();
  return { engine, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
