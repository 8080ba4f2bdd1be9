import { createPathMatcher, matchesDomain } from './patterns.ts';

/** What a mirror shows to an upstream. */
export interface UpstreamCredentials {
  readonly username?: string;
  readonly password?: string;
  /** A refresh token that stands for both. */
  readonly identityToken?: string;
}

/**
 * How a tag is kept right: `fresh` asks the upstream at each request, `ttl` when its last answer is older than
 * `revalidate`, `offline` never. Digests never change and are asked for once.
 */
export type MirrorMode = 'fresh' | 'ttl' | 'offline';

/** One registry that is mirrored. Made by `parseUpstreams`. All times in milliseconds. */
export interface Upstream {
  /** As it stands in names (`docker.io`, `r.example:5000`), or a rule for several (`*.pkg.dev`). */
  readonly domain: string;
  /** The host that is asked instead of the domain's own. */
  readonly address: string | undefined;
  /** Whether http, and https with any certificate, will do. */
  readonly insecure: boolean;
  /** Names of this server by which a client means this upstream and no other (its Host header, without port). */
  readonly hosts: readonly string[];
  readonly credentials: UpstreamCredentials | undefined;
  /** A directory as Docker's `certs.d`: `<host>/*.crt` are authorities to trust. */
  readonly certificates: string | undefined;
  /** The URL of the proxy to go through. */
  readonly proxy: string | undefined;
  readonly mode: MirrorMode;
  readonly revalidate: number;
  /** For how long a tag is answered with what it was while the upstream cannot be asked. */
  readonly stale: number;
  /** Whether a tag that the upstream no longer has goes on being answered. */
  readonly keepGone: boolean;
  /** How many blobs are fetched at once. */
  readonly transfers: number;
  /** Patterns of paths at the upstream that are mirrored; all when there is none. */
  readonly allow: readonly string[];
  /** Patterns of paths that are not, whatever `allow` says. */
  readonly deny: readonly string[];
  /** Patterns of paths whose content never makes room for other. */
  readonly pin: readonly string[];
}

/** The names of Docker Hub (distribution/reference; moby registry/config.go). */
const hubNames = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];
const [hub = ''] = hubNames;

/** A domain as names have it: Docker Hub has one, whichever of its hosts is named. */
export function canonicalDomain(text: string): string {
  const lower = text.toLowerCase();
  return hubNames.includes(lower) ? hub : lower;
}

/** Where the mirror's repositories come from: one repository of one upstream. */
export interface MirroredName {
  readonly upstream: Upstream;
  /** The upstream's own domain, whatever it was called. */
  readonly domain: string;
  /** The path at the upstream. */
  readonly path: string;
  /** The repository's name here: domain and path, with `_` for the `:` of a port, which no name can have. */
  readonly name: string;
}

/** The closed table of upstreams. Nothing else is ever dialled, whatever a request says. */
export interface UpstreamTable {
  /** The upstream for what a client calls a registry; exact domains go before rules. */
  find(domain: string): { readonly upstream: Upstream; readonly domain: string } | undefined;
  /** The upstream that a client means by a name of this server. */
  byHost(host: string): { readonly upstream: Upstream; readonly domain: string } | undefined;
}

/** The table of these upstreams; the first of several that match counts. */
export function createUpstreamTable(upstreams: readonly Upstream[]): UpstreamTable {
  const exact = new Map(upstreams.map((upstream) => [upstream.domain, upstream]));
  const rules = upstreams.filter(({ domain }) => domain.includes('*'));
  const hosts = new Map(upstreams.flatMap((upstream) => upstream.hosts.map((host) => [host, upstream])));
  return {
    find(text) {
      const domain = canonicalDomain(text);
      const upstream = exact.get(domain) ?? rules.find((rule) => matchesDomain(rule.domain, domain));
      return domain.includes('*') || upstream === undefined ? undefined : { upstream, domain };
    },
    byHost(host) {
      const upstream = hosts.get(host.toLowerCase().replace(/:\d+$/, ''));
      return upstream && { upstream, domain: upstream.domain };
    },
  };
}

/** A repository of an upstream. Docker Hub's official ones may be named without `library/`, as people do. */
export function mirroredName(found: { upstream: Upstream; domain: string }, path: string): MirroredName {
  const full = found.domain === hub && !path.includes('/') ? `library/${path}` : path;
  return { ...found, path: full, name: `${found.domain.replace(':', '_')}/${full}` };
}

/** Whether the upstream's lists let the repository be mirrored. */
export function isAllowed({ upstream: { allow, deny }, path }: MirroredName): boolean {
  return (allow.length === 0 || createPathMatcher(allow)(path)) && !createPathMatcher(deny)(path);
}
