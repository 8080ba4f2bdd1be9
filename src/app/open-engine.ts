import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { openDiskContent, openStoreRoot } from '#content';
import { createEventLog, type Engine, type Unpacking } from '#engine';
import { overlayWorks } from '#host';
import { openUnpacker } from '#layer';
import { openMetadata } from '#metadata';
import { nodePlatform } from '#oci';
import { createRegistryClients } from '#registry-client';
import { openSnapshots } from '#snapshot';
import type { Settings } from './settings.ts';
import { version } from './version.ts';

/** An engine over a store on disk, and the store's own id. Disposing closes the store. */
export interface OpenEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** The same at each start. */
  readonly id: string;
}

/**
 * Opens the store and all that the engine is made of. Layers are unpacked where this machine can: as root, on a
 * file system that takes overlays.
 *
 * @throws unsupported `store-too-new`; forbidden `errno-eacces` and others when the store cannot be written
 */
export async function openEngine(
  settings: Settings,
  { env, uid }: { env: Readonly<Record<string, string | undefined>>; uid: number },
): Promise<OpenEngine> {
  const root = settings.dataRoot;
  await using opened = new AsyncDisposableStack();
  await openStoreRoot({ root });
  const metadata = opened.use(await openMetadata({ path: path.join(root, 'metadata.sqlite') }));
  const content = await openDiskContent({ directory: root });
  const unpacker = opened.use(openUnpacker());
  const registries = opened.use(
    createRegistryClients({
      version,
      env,
      insecureRegistries: settings.insecureRegistries,
      registryMirrors: settings.registryMirrors,
    }),
  );
  const unpacking = uid === 0 ? await openUnpacking(settings, opened) : undefined;
  const id = (await metadata.setting('id')) ?? randomUUID();
  await metadata.commit([{ put: 'setting', key: 'id', value: id }]);
  const engine: Engine = {
    content,
    metadata,
    unpacker,
    unpacking,
    registries,
    events: createEventLog(),
    platform: nodePlatform(process.platform, process.arch),
    limits: {
      concurrentDownloads: settings.maxConcurrentDownloads,
      concurrentUploads: settings.maxConcurrentUploads,
      downloadAttempts: settings.maxDownloadAttempts,
    },
    clock: Date.now,
    uniqueId: randomUUID,
  };
  const resources = opened.move();
  return { engine, id, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function openUnpacking(
  { dataRoot, unpack }: Settings,
  opened: AsyncDisposableStack,
): Promise<Unpacking | undefined> {
  if (!(await overlayWorks(dataRoot))) return undefined;
  const snapshots = opened.use(await openSnapshots({ directory: path.join(dataRoot, 'snapshots') }));
  return { snapshots, when: unpack };
}
