import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { GantryError } from '#errors';
import { bareHost, isLoopback, isWithin } from './address.ts';

/** Which registries stand where. Later a table of registries will say the same. */
export interface HostRules {
  /** Where a domain's registry may be, the first that answers counts: no path, https before http. */
  origins(domain: string): Promise<URL[]>;
  /** Whether http, and https with any certificate, is good enough for the host (`name:port`). */
  isInsecure(host: string): Promise<boolean>;
  /** What is asked before the registry itself when reading, with their path prefixes. */
  mirrors(domain: string): readonly URL[];
}

/** Docker Hub, under all its names (distribution/reference; moby registry/config.go). */
const hub = 'docker.io';
const hubHost = 'registry-1.docker.io';
export const hubIndex = 'index.docker.io';

/** Whether the domain means Docker Hub. */
export function isHub(domain: string): boolean {
  return domain === hub || domain === hubIndex || domain === hubHost;
}

/** The host and port of a URL without its path. */
function hostUrl(scheme: 'http' | 'https', host: string): URL {
  return new URL(`${scheme}://${host}/`);
}

/**
 * Docker's rules: Docker Hub has its host and the mirrors; this machine is insecure, as are the listed hosts
 * (`name`, `name:port`) and networks (CIDR; a name is in it when one of its addresses is).
 * All others have https and a certificate that is verified.
 *
 * @throws invalid-argument `mirror-invalid` for a mirror that is no URL
 */
export function createHostRules({
  insecureRegistries = [],
  registryMirrors = [],
}: {
  insecureRegistries?: readonly string[] | undefined;
  registryMirrors?: readonly string[] | undefined;
} = {}): HostRules {
  const networks = insecureRegistries.filter((entry) => entry.includes('/'));
  const mirrors = registryMirrors.map(parseMirror);

  async function isInsecure(host: string): Promise<boolean> {
    const name = bareHost(hostUrl('https', host).hostname);
    if (isLoopback(name) || insecureRegistries.includes(host) || insecureRegistries.includes(name))
      return true;
    if (networks.length === 0) return false;
    const addresses = isIP(name) === 0 ? await addressesOf(name) : [name];
    return addresses.some((address) => networks.some((network) => isWithin(address, network)));
  }

  return {
    isInsecure,
    async origins(domain) {
      const host = isHub(domain) ? hubHost : domain;
      const secure = hostUrl('https', host);
      return (await isInsecure(host)) ? [secure, hostUrl('http', host)] : [secure];
    },
    mirrors: (domain) => (isHub(domain) ? mirrors : []),
  };
}

function parseMirror(mirror: string): URL {
  const url = URL.parse(mirror);
  if (
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.search + url.hash + url.username === ''
  ) {
    return url;
  }
  throw new GantryError(
    'invalid-argument',
    'mirror-invalid',
    `invalid mirror: ${JSON.stringify(mirror)} must be like https://mirror.example:5000`,
    { subject: { mirror } },
  );
}

/** The addresses of a name, none when it has none. */
async function addressesOf(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}
