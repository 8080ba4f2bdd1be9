import { GantryError } from '#errors';
import { faultWords, parseFaults } from '#registry';
import { readText } from './answer.ts';
import { follow } from './redirect.ts';
import type { Network } from './network.ts';
import { askedWords, type Asked } from './unreachable.ts';

/** Credentials for one registry. What is empty is absent. */
export interface RegistryCredentials {
  readonly username?: string;
  readonly password?: string;
  /** A refresh token that a login gave: stands for the user and the password. */
  readonly identityToken?: string;
  /** A bearer token for the registry itself, sent as it is. */
  readonly registryToken?: string;
}

export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  /** Merged. */
  readonly scopes: readonly string[];
  /** None for a token of anybody. */
  readonly credentials: RegistryCredentials | undefined;
  /** There are credentials, but not for this service. */
  readonly withheld: boolean;
  /** Asks for a refresh token, too. */
  readonly offline: boolean;
  /** The request that wants the token: it is what fails. */
  readonly asked: Asked;
  readonly signal: AbortSignal | undefined;
}

export interface Token {
  readonly value: string;
  /** Seconds from now on. */
  readonly expiresIn: number;
  readonly refreshToken: string | undefined;
}

/** What token services know Docker's client as (moby registry/auth.go), and some know no other. */
const clientId = 'docker';

/** Default and smallest lifetime (distribution, auth/token). */
const leastExpiry = 60;

/** Basic credentials as a header, or undefined when there is no user. */
export function basicHeader({ username, password }: RegistryCredentials): string | undefined {
  if (!username) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
}

/**
 * Asks a token service for a token: by GET with Basic or nothing (distribution, auth/token), or by POST with an
 * identity token (auth/oauth). A token for less than was asked is no error: what it is for finds out.
 *
 * @throws unauthorized `registry-unauthorized` in the service's words; unavailable `registry-unreachable`,
 *   `registry-failed`; corrupt `registry-answer`
 */
export async function fetchToken(network: Network, request: TokenRequest): Promise<Token> {
  const { realm, credentials, signal } = request;
  const identity = credentials?.identityToken;
  const authorization = identity || !credentials ? undefined : basicHeader(credentials);
  const json = { accept: 'application/json' };
  const answer = identity
    ? // Not followed elsewhere: the secret is in the body.
      await network.transport.send({ method: 'POST', url: realm, ...refreshForm(request, identity), signal })
    : await follow(
        network,
        { method: 'GET', url: tokenUrl(request), headers: json, signal },
        { home: realm, authorization },
      );
  const text = await readText(answer);
  if (answer.status !== 200) throw refusal(request, answer.status, text);
  return parseToken(request, text);
}

function tokenUrl({ realm, service, scopes, credentials, offline }: TokenRequest): URL {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (credentials?.username) url.searchParams.set('account', credentials.username);
  if (offline) url.searchParams.set('offline_token', 'true');
  url.searchParams.set('client_id', clientId);
  return url;
}

function refreshForm(
  { service, scopes }: TokenRequest,
  identityToken: string,
): { headers: Record<string, string>; body: string } {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: identityToken,
    client_id: clientId,
    access_type: 'offline',
    ...(service !== undefined && { service }),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  }).toString();
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body,
  };
}

function refusal({ realm, asked, withheld }: TokenRequest, status: number, text: string): GantryError {
  const fault = parseFaults(text)[0];
  const subject = { registry: asked.url.host, realm: realm.origin, status };
  if (status >= 500 || status === 429) {
    const words = `its token service ${realm.host} answers ${status}`;
    return status === 429
      ? new GantryError('resource-exhausted', 'registry-rate-limited', askedWords(asked, words), { subject })
      : new GantryError('unavailable', 'registry-failed', askedWords(asked, words), { subject });
  }
  const message = fault?.message || 'authentication required';
  const reason = faultWords({ code: fault?.code || 'UNAUTHORIZED', message });
  const hint = withheld
    ? ` (the credentials were not sent to ${realm.host}, which is not the registry's)`
    : '';
  return new GantryError('unauthorized', 'registry-unauthorized', askedWords(asked, reason) + hint, {
    subject: { ...subject, reason, registryCode: fault?.code || 'UNAUTHORIZED', registryMessage: message },
  });
}

function parseToken({ realm, asked }: TokenRequest, text: string): Token {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  const fields = (document ?? {}) as Record<string, unknown>;
  const value = [fields['token'], fields['access_token']].find(
    (field) => typeof field === 'string' && field !== '',
  );
  // A token becomes a header: nothing may follow it there.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    const words = `its token service ${realm.host} answers without a token`;
    throw new GantryError('corrupt', 'registry-answer', askedWords(asked, words), {
      subject: { registry: asked.url.host, realm: realm.origin },
    });
  }
  const { expires_in: expires, refresh_token: refresh } = fields;
  return {
    value,
    expiresIn: Math.max(typeof expires === 'number' ? expires : leastExpiry, leastExpiry),
    refreshToken: typeof refresh === 'string' && refresh !== '' ? refresh : undefined,
  };
}
