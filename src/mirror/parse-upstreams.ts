import { GantryError } from '#errors';
import { isDomainPattern } from './patterns.ts';
import { canonicalDomain, type MirrorMode, type Upstream, type UpstreamCredentials } from './upstream.ts';

const second = 1000;
const day = 24 * 60 * 60 * second;

/** What holds where the table says nothing. */
const defaults: Omit<Upstream, 'domain'> = {
  address: undefined,
  insecure: false,
  hosts: [],
  credentials: undefined,
  certificates: undefined,
  proxy: undefined,
  mode: 'ttl',
  // Docker Hub counts no HEAD as a pull; a minute keeps a fleet that pulls at once from asking more than once.
  revalidate: 60 * second,
  stale: 7 * day,
  keepGone: false,
  transfers: 8,
  allow: [],
  deny: [],
  pin: [],
};

/**
 * The table of upstreams, from an array of objects as a configuration file has them. Fields are those of `Upstream`,
 * all but `domain` optional; `revalidate` and `stale` are in seconds.
 *
 * @throws invalid-argument `config-invalid` for what is not understood, and for a domain or a host named twice
 */
export function parseUpstreams(document: unknown): readonly Upstream[] {
  if (!Array.isArray(document)) throw invalid('upstreams', 'must be an array of objects with a "domain"');
  const upstreams = document.map((entry, index) => parseUpstream(entry, `upstreams[${index}]`));
  for (const name of ['domain', 'hosts'] as const) {
    const all = upstreams.flatMap((upstream) => upstream[name]);
    const twice = all.find((one, index) => all.indexOf(one) !== index);
    if (twice !== undefined) throw invalid(`upstreams: ${name}`, `names ${twice} twice`);
  }
  return upstreams;
}

function parseUpstream(entry: unknown, at: string): Upstream {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw invalid(at, 'must be an object');
  const fields = entry as Record<string, unknown>;
  const { domain, ...rest } = fields;
  if (typeof domain !== 'string' || !isDomainPattern(domain)) {
    throw invalid(`${at}.domain`, 'must be a host like "docker.io" or a rule like "*.pkg.dev"');
  }
  const parsed = Object.entries(rest).map(([name, value]) => {
    const read = Object.hasOwn(readers, name) ? readers[name as keyof typeof readers] : undefined;
    if (read === undefined) throw invalid(`${at}.${name}`, 'is no setting of an upstream');
    return [name, read(value, `${at}.${name}`)] as const;
  });
  const upstream: Upstream = { ...defaults, domain: canonicalDomain(domain), ...Object.fromEntries(parsed) };
  if (!domain.includes('*')) return upstream;
  for (const name of ['address', 'insecure', 'hosts', 'credentials'] as const) {
    // A rule matches hosts of several owners: one address or one password cannot be for all.
    if (Object.hasOwn(rest, name)) throw invalid(`${at}.${name}`, `cannot be set for the rule ${domain}`);
  }
  return upstream;
}

const readers = {
  address: (value, at) => text(value, at, 'a host with optional port', (host) => isHost(host)),
  insecure: boolean,
  hosts: (value, at) => list(value, at, 'hosts without port', (host) => isHost(host) && !host.includes(':')),
  credentials: readCredentials,
  certificates: (value, at) => text(value, at, 'a directory', (path) => path !== ''),
  proxy: (value, at) => text(value, at, 'a URL', (url) => /^https?:$/.test(URL.parse(url)?.protocol ?? '')),
  mode: (value, at) => text(value, at, '"fresh", "ttl" or "offline"', isMode) as MirrorMode,
  revalidate: (value, at) => number(value, at) * second,
  stale: (value, at) => number(value, at) * second,
  keepGone: boolean,
  transfers: (value, at) => Math.max(1, Math.trunc(number(value, at))),
  allow: (value, at) => list(value, at, 'patterns of paths', isPattern),
  deny: (value, at) => list(value, at, 'patterns of paths', isPattern),
  pin: (value, at) => list(value, at, 'patterns of paths', isPattern),
} satisfies { [Name in keyof typeof defaults]: (value: unknown, at: string) => Upstream[Name] };

const isHost = (host: string): boolean => !host.includes('*') && isDomainPattern(host);
const isMode = (mode: string): boolean => ['fresh', 'ttl', 'offline'].includes(mode);
const isPattern = (pattern: string): boolean => /^[a-z0-9._/*-]+$/.test(pattern);

function readCredentials(value: unknown, at: string): UpstreamCredentials {
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const known = ['username', 'password', 'identityToken'];
  if (
    fields.length > 0 &&
    fields.every(([name, field]) => known.includes(name) && typeof field === 'string')
  ) {
    return Object.fromEntries(fields);
  }
  throw invalid(at, 'must have "username" and "password", or "identityToken"');
}

function text(value: unknown, at: string, what: string, isRight: (text: string) => boolean): string {
  if (typeof value === 'string' && isRight(value)) return value;
  throw invalid(at, `must be ${what}`);
}

function list(
  value: unknown,
  at: string,
  what: string,
  isRight: (text: string) => boolean,
): readonly string[] {
  const items: unknown[] = Array.isArray(value) ? value : [undefined];
  const right = items.filter((item) => typeof item === 'string').filter(isRight);
  if (right.length === items.length) return right;
  throw invalid(at, `must be an array of ${what}`);
}

function number(value: unknown, at: string): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
  throw invalid(at, 'must be a number from 0 on');
}

function boolean(value: unknown, at: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(at, 'must be true or false');
}

function invalid(at: string, what: string): GantryError {
  return new GantryError('invalid-argument', 'config-invalid', `${at} ${what}`, { subject: { setting: at } });
}
