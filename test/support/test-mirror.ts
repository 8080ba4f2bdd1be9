import { createMemoryContent, openDiskContent } from '#content';
import { openMetadata, type Metadata } from '#metadata';
import {
  createMirror,
  parseUpstreams,
  type Mirror,
  type MirrorOptions,
  type UpstreamRegistry,
} from '#mirror';
import { createMemoryRegistry, type Registry, type ServedRegistry } from '#registry';
import { openRepositories } from '#repositories';
import { randomImage, type RandomImage } from './random-image.ts';
import { temporaryDirectory } from './peers.ts';

/** A mirror of `docker.io` and others, whose upstreams are in memory unless told, and whose clock stands until it is set. */
export interface TestMirror extends AsyncDisposable {
  readonly mirror: Mirror;
  readonly local: ReturnType<typeof openRepositories>;
  readonly metadata: Metadata;
  readonly content: MirrorOptions['content'];
  /** What the upstreams hold, all of them. */
  readonly upstream: Registry;
  /** What upstreams were asked: `getManifest library/busybox latest`. */
  readonly asked: string[];
  /** Comes before each answer of an upstream; what it throws is the answer. */
  before: (asked: string) => void | Promise<void>;
  /** The registry for a client that says no more than a path, and the headers of its answers. */
  readonly registry: ServedRegistry;
  readonly headers: Record<string, string>;
  readonly pass: (milliseconds: number) => void;
}

type Settings = Partial<Pick<MirrorOptions, 'bare' | 'bounds' | 'patience'>> & {
  readonly upstreams?: unknown;
  /** A directory for content on disk, or `true` for one of its own; in memory unless given. */
  readonly disk?: string | true;
  /** Where the facts are; in memory unless given. */
  readonly database?: string;
  readonly connect?: () => UpstreamRegistry;
};

export async function openTestMirror(settings: Settings = {}): Promise<TestMirror> {
  await using stack = new AsyncDisposableStack();
  const { upstreams = [{ domain: 'docker.io' }], disk, database = ':memory:', connect, ...rest } = settings;
  const directory = disk === true ? stack.use(await temporaryDirectory('mirror')).path : disk;
  const content =
    directory === undefined ? createMemoryContent() : await openDiskContent({ directory, sync: false });
  const metadata = stack.use(await openMetadata({ path: database }));
  let [now, ids] = [1_000_000_000, 0];
  const clock = (): number => now;
  const uniqueId = (): string => `id-${process.pid}-${performance.now()}-${++ids}`.replaceAll('.', '-');
  const shared = { content, metadata, clock, uniqueId };
  const local = stack.use(openRepositories(shared));
  const upstream = createMemoryRegistry();
  const asked: string[] = [];
  const made = { before: (): void | Promise<void> => undefined } as Pick<TestMirror, 'before'>;
  const watched = watch(connect?.() ?? upstream, async (call) => {
    asked.push(call);
    await made.before(call);
  });
  const mirror = createMirror({
    ...shared,
    ...{ local, bare: 'docker.io', ...rest },
    upstreams: parseUpstreams(upstreams),
    connect: () => watched,
  });
  const headers: Record<string, string> = {};
  const registry = mirror.at({ tell: (told) => Object.assign(headers, told) });
  stack.use(mirror);
  const owned = stack.move();
  return Object.assign(made, {
    ...{ mirror, local, metadata, content, upstream, asked, registry, headers },
    pass: (milliseconds: number) => void (now += milliseconds),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  });
}

function watch(registry: UpstreamRegistry, note: (call: string) => Promise<void>): UpstreamRegistry {
  return {
    ...registry,
    async getManifest(repository, reference, options) {
      await note(`getManifest ${repository} ${reference}`);
      return registry.getManifest(repository, reference, options);
    },
    async headManifest(repository, reference, options) {
      await note(`headManifest ${repository} ${reference}`);
      return registry.headManifest(repository, reference, options);
    },
    async getBlob(repository, digest, options) {
      await note(`getBlob ${repository} ${digest}`);
      return registry.getBlob(repository, digest, options);
    },
    async headBlob(repository, digest, options) {
      await note(`headBlob ${repository} ${digest}`);
      return registry.headBlob(repository, digest, options);
    },
    async *tags(repository, options) {
      await note(`tags ${repository}`);
      yield* registry.tags(repository, options);
    },
  };
}

/** Puts an image of random bytes into a registry. */
export async function putImage(
  registry: Registry,
  repository: string,
  { tag = 'latest', ...image }: Parameters<typeof randomImage>[0] & { tag?: string } = {},
): Promise<RandomImage> {
  const made = randomImage(image);
  const parts = [
    [made.config, made.descriptors.config] as const,
    ...made.layers.map((bytes, n) => [bytes, made.descriptors.layers[n]!] as const),
  ];
  for (const [bytes, { digest, size }] of parts) {
    async function* open(): AsyncIterable<Uint8Array> {
      yield bytes;
    }
    await registry.putBlob(repository, { digest, size, open });
  }
  const { mediaType } = made.descriptors.manifest;
  await registry.putManifest(repository, tag, { bytes: made.manifest, mediaType });
  return made;
}

/** All bytes of a body. */
export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks));
}
