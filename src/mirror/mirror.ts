import type { ContentStore } from '#content';
import type { Metadata } from '#metadata';
import type { ServedRegistry } from '#registry';
import { createAbandoned } from './abandoned.ts';
import { createMirroredBlobs } from './blobs.ts';
import { evict, type Evicted, type MirrorBounds } from './evict.ts';
import { createMirroredLists } from './lists.ts';
import { createMirroredManifests } from './manifests.ts';
import type { Tell } from './notes.ts';
import type { MirrorParts, UpstreamRegistry } from './parts.ts';
import { createRecent } from './recent.ts';
import { explainRefusals } from './refusals.ts';
import { routeOf, type AskedName } from './route.ts';
import { createUpstreamTable, type MirroredName, type Upstream } from './upstream.ts';
import { createUses } from './uses.ts';
import { createView } from './view.ts';

export interface MirrorOptions {
  /** The closed table: see `parseUpstreams`. */
  readonly upstreams: readonly Upstream[];
  /** The domain of the upstream that bare paths mean when no hosted repository has the name; none unless given. */
  readonly bare?: string | undefined;
  /** The hosted repositories: a registry over the same `content` and `metadata`. */
  readonly local: ServedRegistry;
  readonly content: ContentStore;
  readonly metadata: Metadata;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Letters, digits and hyphens, never the same twice. */
  readonly uniqueId: () => string;
  /** Reaches the registry of a domain, which is the upstream's or matches its rule. Asked once for each that is in use. */
  readonly connect: (upstream: Upstream, domain: string) => UpstreamRegistry;
  readonly bounds?: MirrorBounds;
  /** How long an upstream may take to confirm a tag that is here, in milliseconds. */
  readonly patience?: number;
}

/** What a request says beside its path, and where its answer's headers go. */
export interface MirrorRequest extends Partial<Omit<AskedName, 'repository'>> {
  readonly tell?: Tell;
}

/** Hosted repositories and mirrored ones in one registry. Disposing it stops what is being fetched; its bytes stay. */
export interface Mirror extends AsyncDisposable {
  /** The registry as one client means it. Credentials of clients never get here, and so never reach an upstream. */
  at(request?: MirrorRequest): ServedRegistry;
  /**
   * Makes room as the bounds want it, and drops unfinished blobs that nobody went on with for a week; the store's
   * collection then removes the bytes. To be called now and then.
   */
  evict(options?: { signal?: AbortSignal }): Promise<Evicted>;
}

/** How long an upstream may take to confirm a tag: more than one lost packet, less than a user's patience. */
const defaultPatience = 5000;

/** How many things each memory of what requests name may hold: some megabytes. */
const remembered = 20_000;

/** How many registries are kept connected: a rule may match any number. */
const connected = 200;

/** A mirror of the upstreams over the hosted repositories. Touches neither disk nor network yet. */
export function createMirror(options: MirrorOptions): Mirror {
  const { upstreams, bare, local, content, metadata, clock, uniqueId, connect, bounds = {} } = options;
  const table = createUpstreamTable(upstreams);
  const connections = createRecent<UpstreamRegistry>(connected);
  const closing = new AbortController();

  function reach({ upstream, domain }: MirroredName): UpstreamRegistry {
    const registry = connections.get(domain) ?? explainRefusals(connect(upstream, domain), domain);
    connections.set(domain, registry);
    return registry;
  }

  const parts: MirrorParts = {
    ...{ local, content, metadata, clock, uniqueId, reach },
    absent: createRecent(remembered),
    sizes: createRecent(remembered),
    uses: createUses(metadata, clock),
    patience: options.patience ?? defaultPatience,
    closing: closing.signal,
  };
  const manifests = createMirroredManifests(parts);
  const blobs = createMirroredBlobs(parts);
  const lists = createMirroredLists(parts);
  const abandoned = createAbandoned(content, clock);

  return {
    at: ({ namespace, host, tell = () => undefined } = {}) =>
      createView({
        ...{ local, metadata, manifests, blobs, lists, tell },
        route: (repository) => routeOf({ repository, namespace, host }, table, bare),
      }),
    async evict({ signal } = {}) {
      await abandoned.drop();
      return evict(parts, upstreams, { ...bounds, signal });
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.all([blobs.settled(), manifests.settled()]);
      await parts.uses.flush();
    },
  };
}
