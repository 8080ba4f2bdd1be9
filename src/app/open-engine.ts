import { randomUUID } from 'node:crypto';
import { release } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openDiskContent, openStoreRoot } from '#content';
import { createEventLog, type Engine, type Registries, type Unpacking } from '#engine';
import { openUnpacker } from '#layer';
import { type Metadata, openMetadata } from '#metadata';
import { nodePlatform } from '#oci';
import { createRegistryClients, type RegistryClientsOptions } from '#registry-client';
import { openSnapshots, overlayWorks } from '#snapshot';
import { countBytes } from './counted-registries.ts';
import type { Settings } from './settings.ts';
import { version } from './version.ts';

/** An engine over a store on disk, and the store's own id. Disposing closes the store. */
export interface OpenEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** The same at each start. */
  readonly id: string;
  /** Takes over the settings that can change while the engine works; what is under way ends as it began. */
  apply(settings: Settings): void;
}

export interface OpenEngineOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** Told of each piece of a blob that comes from a registry or goes to one. */
  readonly onBytes?: (direction: 'received' | 'sent', bytes: number) => void;
}

/**
 * Opens the store and all that the engine is made of. Layers are unpacked where this machine can: as root, on a
 * file system that takes overlays.
 *
 * @throws unsupported `store-too-new`; forbidden `errno-eacces` and others when the store cannot be written
 */
export async function openEngine(
  settings: Settings,
  { env, uid, onBytes = () => undefined }: OpenEngineOptions,
): Promise<OpenEngine> {
  const root = settings.dataRoot;
  await using opened = new AsyncDisposableStack();
  await openStoreRoot({ root });
  const metadata = opened.use(await openMetadata({ path: path.join(root, 'metadata.sqlite') }));
  const content = await openDiskContent({ directory: root });
  const unpacker = opened.use(openUnpacker());
  const unpacking = uid === 0 ? await openUnpacking(settings, metadata, opened) : undefined;
  const id = await storeId(metadata);
  const registriesBy = (current: Settings) => createRegistryClients(registryOptions(current, env));
  let current = settings;
  let registries = opened.use(registriesBy(settings));
  const latest: Registries = {
    open: (domain, auth) => registries.open(domain, auth),
    login: (domain, auth, signal) => registries.login(domain, auth, signal),
    search: (domain, query) => registries.search(domain, query),
  };
  const engine: Engine = {
    content,
    metadata,
    unpacker,
    unpacking,
    registries: countBytes(latest, onBytes),
    events: createEventLog(),
    platform: nodePlatform(process.platform, process.arch),
    limits: {
      get concurrentDownloads() {
        return current.maxConcurrentDownloads;
      },
      get concurrentUploads() {
        return current.maxConcurrentUploads;
      },
      get downloadAttempts() {
        return current.maxDownloadAttempts;
      },
    },
    clock: Date.now,
    uniqueId: randomUUID,
  };
  const resources = opened.move();
  return {
    engine,
    id,
    apply: (next) => {
      // The clients so far stay open for what is under way, until the engine is closed.
      if (!isDeepStrictEqual(registryOptions(current, env), registryOptions(next, env))) {
        registries = resources.use(registriesBy(next));
      }
      current = next;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Docker's rule: proxies of the configuration come before those of the environment. */
function registryOptions(settings: Settings, env: OpenEngineOptions['env']): RegistryClientsOptions {
  const { insecureRegistries, registryMirrors, httpProxy, httpsProxy, noProxy } = settings;
  return {
    version,
    env: { ...env, HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy },
    insecureRegistries,
    registryMirrors,
  };
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
