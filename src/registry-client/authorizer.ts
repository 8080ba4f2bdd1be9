import { parseChallenges } from './challenge.ts';
import { trustsRealm } from './realm.ts';
import { mergeScopes } from './scope.ts';
import { basicHeader, fetchToken, type RegistryCredentials, type Token } from './token.ts';
import type { Network } from './network.ts';
import type { Answer } from './transport.ts';
import type { Asked } from './unreachable.ts';

/** Knows what one registry wants to see and has it at hand. Belongs to one user: tokens are never shared. */
export interface Authorizer {
  /** The Authorization header for a request that needs the scopes, as far as the registry has said what it wants. */
  header(
    scopes: readonly string[],
    asked: Asked,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined>;
  /**
   * Learns from a 401 which header is wanted. Answers `again` when the next `header` will be another than `sent`,
   * `no-credentials` when the registry wants some and there are none, `refused` when nothing helps.
   */
  learn(answer: Answer, sent: string | undefined): 'again' | 'no-credentials' | 'refused';
  /** The token service that the credentials were not sent to, because it is another owner's. */
  readonly withheldFrom: string | undefined;
  /** What a token service gave to stand for the password, if it was asked to. */
  readonly refreshToken: string | undefined;
}

interface Bearer {
  readonly scheme: 'bearer';
  /** Who said so. */
  readonly registry: URL;
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scope: string;
}

type Wanted = { readonly scheme: 'basic' } | Bearer;

interface Cached {
  readonly token: Promise<Token>;
  /** Whoever asked for it first may give it up. */
  readonly owner: AbortSignal | undefined;
  /** When it has come: until when it is good, in milliseconds since 1970. */
  expires?: number;
  header?: string;
}

/** A token that dies on its way is as good as none. Milliseconds. */
const margin = 5000;

export function createAuthorizer(
  network: Network,
  credentials: RegistryCredentials | undefined,
  { offline = false }: { offline?: boolean } = {},
): Authorizer {
  /** By realm, service and scopes. */
  const tokens = new Map<string, Cached>();
  let wanted: Wanted | undefined;
  let withheldFrom: string | undefined;
  let refreshToken: string | undefined;

  function cachedToken(
    { registry, realm, service, scope }: Bearer,
    wantedScopes: readonly string[],
    { asked, signal }: { asked: Asked; signal: AbortSignal | undefined },
  ): Cached {
    const scopes = mergeScopes(wantedScopes.length > 0 ? wantedScopes : [scope]);
    const key = JSON.stringify([realm.href, service, scopes]);
    const known = tokens.get(key);
    if (known !== undefined && (known.expires ?? Infinity) > network.clock()) return known;
    const usable = trustsRealm(registry, realm) ? credentials : undefined;
    const withheld = usable !== credentials;
    withheldFrom = withheld ? realm.host : undefined;
    const token = fetchToken(network, {
      realm,
      service,
      scopes,
      credentials: usable,
      withheld,
      offline,
      asked,
      signal,
    });
    const entry: Cached = { token, owner: signal };
    tokens.set(key, entry);
    token.then(
      (got) => {
        entry.header = `Bearer ${got.value}`;
        entry.expires = network.clock() + got.expiresIn * 1000 - margin;
        refreshToken = got.refreshToken ?? refreshToken;
      },
      () => {
        if (tokens.get(key) === entry) tokens.delete(key);
      },
    );
    return entry;
  }

  return {
    async header(scopes, asked, signal) {
      if (credentials?.registryToken) return `Bearer ${credentials.registryToken}`;
      if (wanted === undefined) return undefined;
      if (wanted.scheme === 'basic') return credentials && basicHeader(credentials);
      for (;;) {
        const { token, owner } = cachedToken(wanted, scopes, { asked, signal });
        try {
          return `Bearer ${(await token).value}`;
        } catch (error) {
          if (signal?.aborted || !owner?.aborted) throw error;
        }
      }
    },

    learn(answer, sent) {
      const challenges = parseChallenges(answer.lines('www-authenticate'));
      if (credentials?.registryToken) return 'refused';
      for (const { scheme, parameters } of challenges) {
        const realm = URL.parse(parameters.get('realm') ?? '');
        if (scheme !== 'bearer' || realm === null || !/^https?:$/.test(realm.protocol)) continue;
        const [service, scope = ''] = [parameters.get('service'), parameters.get('scope')];
        wanted = { scheme, registry: answer.url, realm, service, scope };
        // What was sent did not do, whatever its lifetime: it may have been revoked.
        for (const [key, { header }] of tokens)
          if (header !== undefined && header === sent) tokens.delete(key);
        return 'again';
      }
      if (!challenges.some(({ scheme }) => scheme === 'basic')) return 'refused';
      wanted = { scheme: 'basic' };
      const header = credentials && basicHeader(credentials);
      if (header === undefined) return 'no-credentials';
      return header === sent ? 'refused' : 'again';
    },

    get withheldFrom() {
      return withheldFrom;
    },
    get refreshToken() {
      return refreshToken;
    },
  };
}
