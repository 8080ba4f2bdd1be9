import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { growingStates, openDiskContent } from '#content';
import { createEventLog, type Engine, type RegistryAuth, type SearchResult } from '#engine';
import { GantryError } from '#errors';
import { decompress, type Unpacker } from '#layer';
import { openMetadata } from '#metadata';
import { digestOf } from '#oci';
import { createMemoryRegistry, type Registry } from '#registry';
import type { RandomImage } from './random-image.ts';

/** An engine of one test: its store in a directory that goes with it, its registries in memory. */
export interface TestEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** The registry of a domain, the same at each call. */
  registry(domain: string): Registry;
  /** What every search finds. */
  readonly searchResults: SearchResult[];
  /** The credentials that came to registries, the last one last. */
  readonly seenAuth: (RegistryAuth | undefined)[];
}

/** The password that these registries take at login. */
export const rightPassword = 'right';

export async function openTestEngine(overrides: Partial<Engine> = {}): Promise<TestEngine> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gantry-engine-'));
  const metadata = await openMetadata({ path: ':memory:' });
  const registries = new Map<string, Registry>();
  const registry = (domain: string) => {
    const known = registries.get(domain) ?? createMemoryRegistry();
    registries.set(domain, known);
    return known;
  };
  const searchResults: SearchResult[] = [];
  const seenAuth: (RegistryAuth | undefined)[] = [];
  let ids = 0;
  const engine: Engine = {
    content: await openDiskContent({ directory, sync: false }),
    metadata,
    unpacker: readingUnpacker,
    unpacking: undefined,
    registries: {
      open: (domain, auth) => {
        seenAuth.push(auth);
        return registry(domain);
      },
      login: async (domain, auth) => {
        if (auth.password === rightPassword) return {};
        throw new GantryError(
          'unauthorized',
          'registry-unauthorized',
          `Get "https://${domain}/v2/": unauthorized: incorrect username or password`,
        );
      },
      search: async () => searchResults,
    },
    events: createEventLog(),
    platform: { os: 'linux', architecture: 'amd64' },
    limits: { concurrentDownloads: 3, concurrentUploads: 5, downloadAttempts: 1 },
    clock: Date.now,
    uniqueId: () => `id-${++ids}`,
    ...overrides,
  };
  return {
    engine,
    registry,
    searchResults,
    seenAuth,
    [Symbol.asyncDispose]: async () => {
      await metadata[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

/** Reads layers and writes nothing, in this thread: enough where no files are looked at. */
const readingUnpacker: Unpacker = {
  unpack: async ({ path: file, progress }) => {
    // Opened first: the file moves when it is whole.
    await using handle = await open(file);
    const state = progress === undefined ? undefined : new BigInt64Array(progress);
    while (state !== undefined && Atomics.load(state, 1) === growingStates.growing) await sleep(1);
    const bytes = await handle.readFile();
    const tar = Buffer.concat(await Array.fromAsync(decompress(chunksOf(bytes))));
    return {
      diffId: digestOf(tar),
      tarSize: tar.length,
      size: tar.length,
      dependsOnLower: undefined,
      statesRoot: false,
    };
  },
  [Symbol.asyncDispose]: async () => undefined,
};

/** Puts `image` into `registry` under a tag. */
export async function store(
  registry: Registry,
  repository: string,
  tag: string,
  image: RandomImage,
): Promise<void> {
  const { config, layers, manifest } = image.descriptors;
  const blobs = [
    { ...config, bytes: image.config },
    ...layers.map((layer, n) => ({ ...layer, bytes: image.layers[n]! })),
  ];
  for (const { digest, size, bytes } of blobs) {
    await registry.putBlob(repository, { digest, size, open: (offset) => chunksOf(bytes.subarray(offset)) });
  }
  await registry.putManifest(repository, tag, { bytes: image.manifest, mediaType: manifest.mediaType });
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
