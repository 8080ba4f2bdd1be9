import { setTimeout } from 'node:timers/promises';
import type { Registry } from '#registry';
import { readCertificates } from './certificates.ts';
import { createEndpoint } from './endpoint.ts';
import { createHostRules } from './hosts.ts';
import { verifyLogin } from './login.ts';
import { readMirrored } from './mirrors.ts';
import type { Network } from './network.ts';
import { proxyFor, type Environment } from './proxy.ts';
import { createReader } from './read.ts';
import { searchImages, type SearchQuery, type SearchResult } from './search.ts';
import { hostOf } from './server-key.ts';
import { createLister } from './tags.ts';
import type { RegistryCredentials } from './token.ts';
import { createTransport } from './transport.ts';
import { createWriter } from './write.ts';

export interface RegistryClientsOptions {
  /** Gantry's own version, for User-Agent. */
  readonly version: string;
  /** For HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly env: Environment;
  /** Hosts (`name`, `name:port`) and networks (CIDR) where http, and any certificate, will do. */
  readonly insecureRegistries?: readonly string[];
  /** URLs that are asked before Docker Hub. */
  readonly registryMirrors?: readonly string[];
  /** Certificates by host: see `readCertificates`. */
  readonly certificatesDirectory?: string;
  /** How often a question that may be repeated is asked, when it fails for a moment; as often as Docker does unless given. */
  readonly attempts?: number | undefined;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
  readonly wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** All registries, reached over the network. Disposing closes the connections and fails what is under way. */
export interface RegistryClients extends AsyncDisposable {
  /**
   * The registry of a canonical domain (`docker.io`, `127.0.0.1:5000`), for one user. Touches no network. Tokens are
   * kept as long as the answer is.
   */
  open(domain: string, credentials?: RegistryCredentials): Registry;

  /** Whether the registry takes the credentials: see `verifyLogin`. A server is a domain, or a URL as clients send it. */
  login(
    server: string,
    credentials: RegistryCredentials,
    signal?: AbortSignal,
  ): Promise<{ identityToken?: string }>;

  /** The registry's own search: see `searchImages`. */
  search(domain: string, query: SearchQuery): Promise<SearchResult[]>;
}

/**
 * The registries, by Docker's rules of where they are and whom to trust. Opens no connection.
 *
 * @throws invalid-argument `mirror-invalid`
 */
export function createRegistryClients(options: RegistryClientsOptions): RegistryClients {
  const { version, env, certificatesDirectory = '/etc/docker/certs.d' } = options;
  const hosts = createHostRules(options);
  const network: Network = {
    hosts,
    transport: createTransport({
      userAgent: `gantry/${version}`,
      certificates: (host) => readCertificates(certificatesDirectory, host),
      isInsecure: (host) => hosts.isInsecure(host),
      proxyFor: (url) => proxyFor(url, env),
    }),
    found: new Map(),
    clock: options.clock ?? Date.now,
    random: options.random ?? Math.random,
    wait: options.wait ?? waitFor,
  };
  return {
    open: (domain, credentials) => openRegistry(network, domain, { credentials, attempts: options.attempts }),
    login: (server, credentials, signal) =>
      verifyLogin(network, hostOf(server) || 'docker.io', { credentials, signal }),
    search: (domain, query) => searchImages(network, domain, query),
    [Symbol.asyncDispose]: () => network.transport[Symbol.asyncDispose](),
  };
}

async function waitFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(milliseconds, undefined, { ...(signal && { signal }) });
}

function openRegistry(
  network: Network,
  domain: string,
  { credentials, attempts }: { credentials: RegistryCredentials | undefined; attempts: number | undefined },
): Registry {
  const origins = (): Promise<URL[]> => network.hosts.origins(domain);
  const endpoint = createEndpoint(network, {
    ...{ domain, origins, credentials },
    ...(attempts !== undefined && { attempts }),
  });
  const mirrors = network.hosts.mirrors(domain).map((mirror) => {
    // Nobody's credentials, and one try: there is somewhere else to ask.
    const { href } = mirror;
    return createReader(
      createEndpoint(network, { domain: href, origins: async () => [mirror], attempts: 1 }),
    );
  });
  return {
    ...readMirrored(mirrors, createReader(endpoint), network.clock),
    ...createWriter(endpoint),
    ...createLister(endpoint),
  };
}
