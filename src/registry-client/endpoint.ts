import { findError, GantryError } from '#errors';
import type { RegistryCode } from '#registry';
import { failure } from './answer.ts';
import { createAuthorizer, type Authorizer } from './authorizer.ts';
import type { Network } from './network.ts';
import { follow, isAtHome } from './redirect.ts';
import { mostAttempts } from './retry.ts';
import type { RegistryCredentials } from './token.ts';
import type { Answer, Request } from './transport.ts';
import { askedWords, isNobodyThere } from './unreachable.ts';

/** One request to a registry. */
export interface Call {
  readonly method: Request['method'];
  /** A path below the registry's root (`/v2/…`), or a URL that the registry gave. */
  readonly target: string | URL;
  /** What a token must allow. */
  readonly scopes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Shown before anything is asked for, at the registry's own host only. */
  readonly authorization?: string | undefined;
  readonly body?: Request['body'];
  readonly signal: AbortSignal | undefined;
}

/** One registry as a place that answers calls: found, asked with what it wants to see, followed. */
export interface Endpoint {
  readonly network: Network;
  readonly authorizer: Authorizer;
  /** How often what may be repeated is tried. */
  readonly attempts: number;
  /** @throws what the transport throws; unauthorized `registry-unauthorized` when there is nothing to show */
  send(call: Call): Promise<Answer>;
  /** The error of an answer. `missing` is what 404 means when the registry does not say. */
  failure(answer: Answer, missing: RegistryCode): Promise<GantryError>;
}

export interface EndpointOptions {
  /** The name that it is remembered by. */
  readonly domain: string;
  /** Where it may be; a path is a prefix to all its paths. */
  readonly origins: () => Promise<readonly URL[]>;
  readonly credentials?: RegistryCredentials | undefined;
  /** Asks for a refresh token with the first token. */
  readonly offline?: boolean;
  readonly attempts?: number;
}

export function createEndpoint(network: Network, options: EndpointOptions): Endpoint {
  const { domain, origins, credentials, offline = false, attempts = mostAttempts } = options;
  const authorizer = createAuthorizer(network, credentials, { offline });

  /** The first origin where anything answers by HTTP (Docker's rule for insecure registries). */
  async function find(signal: AbortSignal | undefined): Promise<URL> {
    const known = network.found.get(domain);
    if (known !== undefined) return known;
    const candidates = await origins();
    for (const [index, origin] of candidates.entries()) {
      const last = index === candidates.length - 1;
      if (candidates.length > 1) {
        try {
          const url = below(origin, '/v2/');
          await (await network.transport.send({ method: 'GET', url, headers: {}, signal })).discard();
        } catch (error) {
          if (last || findError(error, { kind: 'unavailable' }) === undefined) throw error;
          continue;
        }
      }
      network.found.set(domain, origin);
      return origin;
    }
    throw new GantryError('internal', 'no-origin', `${domain} has no address to ask at`);
  }

  async function send(call: Call): Promise<Answer> {
    const { method, target, scopes, headers = {}, body, signal } = call;
    const home = await find(signal);
    const url = typeof target === 'string' ? below(home, target) : target;
    const asked = { method, url };
    for (let attempt = 1; ; attempt++) {
      const authorization = isAtHome(url, home)
        ? (call.authorization ?? (await authorizer.header(scopes, asked, signal)))
        : undefined;
      const answer = await follow(network, { ...asked, headers, body, signal }, { home, authorization });
      if (answer.status !== 401 || !isAtHome(answer.url, home)) return answer;
      const outcome = authorizer.learn(answer, authorization);
      if (outcome === 'no-credentials') {
        await answer.discard();
        throw noCredentials(asked);
      }
      if (outcome === 'refused' || attempt > 1) return answer;
      await answer.discard();
    }
  }

  return {
    network,
    authorizer,
    attempts,
    async send(call) {
      try {
        return await send(call);
      } catch (error) {
        // It may come back at the other origin.
        if (isNobodyThere(error)) network.found.delete(domain);
        throw error;
      }
    },
    failure: (answer, missing) =>
      failure(answer, { missing, now: network.clock(), withheldFrom: authorizer.withheldFrom }),
  };
}

function below(origin: URL, path: string): URL {
  return new URL(origin.pathname.replace(/\/$/, '') + path, origin);
}

/** Docker's words: tools look for them to know that a login is needed. */
function noCredentials({ method, url }: { method: string; url: URL }): GantryError {
  const reason = 'no basic auth credentials';
  return new GantryError('unauthorized', 'registry-unauthorized', askedWords({ method, url }, reason), {
    subject: { registry: url.host, status: 401, reason },
  });
}
