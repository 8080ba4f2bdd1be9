import { randomUUID } from 'node:crypto';
import { release } from 'node:os';
import path from 'node:path';
import { openDiskContent, openStoreRoot } from '#content';
import { createEventLog, type Engine, type Unpacking } from '#engine';
import { openUnpacker } from '#layer';
import { type Metadata, openMetadata } from '#metadata';
import { nodePlatform } from '#oci';
import { createRegistryClients } from '#registry-client';
import { openSnapshots, overlayWorks } from '#snapshot';
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
  const unpacking = uid === 0 ? await openUnpacking(settings, metadata, opened) : undefined;
  const id = await storeId(metadata);
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
  metadata: Metadata,
  opened: AsyncDisposableStack,
): Promise<Unpacking | undefined> {
  const directory = path.join(dataRoot, 'snapshots');
  // Tried once a kernel: the try loads the bridge to the kernel, which costs half of what a short command takes.
  const key = `overlay ${release()}`;
  let works = await metadata.setting(key);
  if (works === undefined) {
    works = String(await overlayWorks(directory));
    await metadata.commit([{ put: 'setting', key, value: works }]);
  }
  if (works !== 'true') return undefined;
  return { snapshots: opened.use(await openSnapshots({ directory })), when: unpack };
}

async function storeId(metadata: Metadata): Promise<string> {
  const known = await metadata.setting('id');
  if (known !== undefined) return known;
  const id = randomUUID();
  await metadata.commit([{ put: 'setting', key: 'id', value: id }]);
  return id;
}
