import { GantryError } from '#errors';

/** The clients that can be told of a mirror. */
export const mirrorClients = ['docker', 'containerd', 'podman', 'buildkit'] as const;
export type MirrorClient = (typeof mirrorClients)[number];

/** A file of a client's configuration, ready to be written. */
export interface ConfigFile {
  /** Where the client looks for it. */
  readonly path: string;
  readonly text: string;
}

/** What the client needs to know of the mirror. */
export interface MirrorAddress {
  /** Of the registry that mirrors: scheme, host and port. */
  readonly url: string;
  /** Domains of the upstreams, as in the mirror's table; rules (`*.pkg.dev`) only where the client has them. */
  readonly upstreams: readonly string[];
  /** The file of the authority that signed the mirror's certificate, on the client's machine. */
  readonly ca?: string | undefined;
}

interface Parsed extends MirrorAddress {
  readonly host: string;
  readonly isPlain: boolean;
}

/**
 * The configuration by which a client pulls through the mirror. Each falls back to the upstream itself when the mirror
 * does not answer.
 *
 * @throws invalid-argument `mirror-invalid` for a URL with more than scheme, host and port, and when the client can
 *   mirror none of the upstreams
 */
export function clientConfig(client: MirrorClient, address: MirrorAddress): readonly ConfigFile[] {
  const files = writers[client](parse(address));
  if (files.length > 0) return files;
  throw invalid(`${client} can mirror none of ${address.upstreams.join(', ') || 'no upstreams'}`);
}

const writers = { docker, containerd, podman, buildkit } satisfies Record<
  MirrorClient,
  (address: Parsed) => readonly ConfigFile[]
>;

function parse(address: MirrorAddress): Parsed {
  const url = URL.parse(address.url);
  const isBare = url !== null && url.pathname + url.search + url.hash + url.username === '/';
  if (!isBare || !/^https?:$/.test(url.protocol)) {
    throw invalid(`${JSON.stringify(address.url)} must be like https://mirror.example:5000`);
  }
  const wrong = [...address.upstreams, address.ca ?? ''].find((text) => !/^[\w.:*/ -]*$/.test(text));
  if (wrong !== undefined) throw invalid(`${JSON.stringify(wrong)} cannot stand in a configuration`);
  return { ...address, url: url.origin, host: url.host, isPlain: url.protocol === 'http:' };
}

const isRule = (domain: string): boolean => domain.includes('*');
/** The mirror's path for an upstream: no path can have the `:` of a port. */
const pathOf = (domain: string): string => domain.replace(':', '_');

/** Docker mirrors Docker Hub and nothing else. Source: docs.docker.com, "Mirror the Docker Hub library". */
function docker({ url, host, isPlain, upstreams }: Parsed): readonly ConfigFile[] {
  if (!upstreams.includes('docker.io')) return [];
  const settings = { 'registry-mirrors': [url], ...(isPlain && { 'insecure-registries': [host] }) };
  return [{ path: '/etc/docker/daemon.json', text: `${JSON.stringify(settings, undefined, 2)}\n` }];
}

/** Source: containerd docs/hosts.md. A rule has no folder of its own: `_default` asks the mirror about all others. */
function containerd({ url, ca, upstreams }: Parsed): readonly ConfigFile[] {
  const lines = [`[host."${url}"]`, '  capabilities = ["pull", "resolve"]'];
  if (ca !== undefined) lines.push(`  ca = "${ca}"`);
  const host = `${lines.join('\n')}\n`;
  const folders = new Set(upstreams.map((domain) => (isRule(domain) ? '_default' : domain)));
  return [...folders].map((folder) => {
    const path = `/etc/containerd/certs.d/${folder}/hosts.toml`;
    if (folder === '_default') return { path, text: host };
    const server = folder === 'docker.io' ? 'registry-1.docker.io' : folder;
    return { path, text: `server = "https://${server}"\n\n${host}` };
  });
}

/** Source: containers-registries.conf(5). A location can stand for one domain only, so rules are left out. */
function podman({ host, isPlain, upstreams }: Parsed): readonly ConfigFile[] {
  const tables = upstreams
    .filter((domain) => !isRule(domain))
    .map((domain) => {
      const mirror = [`[[registry.mirror]]`, `location = "${host}/${pathOf(domain)}"`];
      if (isPlain) mirror.push('insecure = true');
      return `[[registry]]\nprefix = "${domain}"\nlocation = "${domain}"\n\n${mirror.join('\n')}\n`;
    });
  if (tables.length === 0) return [];
  return [{ path: '/etc/containers/registries.conf.d/50-gantry-mirror.conf', text: tables.join('\n') }];
}

/** Source: buildkit docs/buildkitd.toml.md. The path names the upstream, whether or not BuildKit sends `ns`. */
function buildkit({ host, isPlain, ca, upstreams }: Parsed): readonly ConfigFile[] {
  const tables = upstreams
    .filter((domain) => !isRule(domain))
    .map((domain) => `[registry."${domain}"]\n  mirrors = ["${host}/${pathOf(domain)}"]\n`);
  if (tables.length === 0) return [];
  const own = [...(isPlain ? ['  http = true'] : []), ...(ca === undefined ? [] : [`  ca = ["${ca}"]`])];
  if (own.length > 0) tables.push(`[registry."${host}"]\n${own.join('\n')}\n`);
  return [{ path: '/etc/buildkit/buildkitd.toml', text: tables.join('\n') }];
}

function invalid(message: string): GantryError {
  return new GantryError('invalid-argument', 'mirror-invalid', message);
}
