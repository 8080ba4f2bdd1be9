import { GantryError } from '#errors';

/** Credentials as they travel in the header `X-Registry-Auth` and in the body of `POST /auth`. */
export interface AuthConfig {
  readonly username?: string;
  readonly password?: string;
  /** base64 of `username:password`, for clients that keep them joined. */
  readonly auth?: string;
  readonly serveraddress?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** The answer of `POST /auth`. */
export interface AuthAnswer {
  readonly Status: string;
  readonly IdentityToken: string;
}

const fields = ['username', 'password', 'auth', 'serveraddress', 'identitytoken', 'registrytoken'] as const;

/** `auth` as the value of the header `X-Registry-Auth`: base64url of JSON. */
export function encodeAuth(auth: AuthConfig): string {
  const bytes = Buffer.from(JSON.stringify(auth)).toString('base64url');
  // moby decodes with padding only.
  return bytes.padEnd(Math.ceil(bytes.length / 4) * 4, '=');
}

/**
 * The credentials in a value of the header `X-Registry-Auth`: base64 of JSON, of either alphabet, padded or not.
 * Empty text holds none.
 *
 * @throws invalid-argument `registry-auth` when it is no such thing
 */
export function decodeAuth(header: string): AuthConfig {
  if (header === '') return {};
  try {
    return parseAuth(JSON.parse(Buffer.from(header, 'base64').toString()));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalidAuth('it is not base64 of JSON', error);
  }
}

/**
 * The credentials in a parsed body. Fields that are empty or null are absent; unknown ones are dropped.
 *
 * @throws invalid-argument `registry-auth` when it is no object or a field is no text
 */
export function parseAuth(body: unknown): AuthConfig {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidAuth('it is not an object');
  const auth: Partial<Record<(typeof fields)[number], string>> = {};
  for (const field of fields) {
    const value: unknown = Reflect.get(body, field);
    if (value === undefined || value === null || value === '') continue;
    if (typeof value !== 'string') throw invalidAuth(`its field ${field} is not text`);
    auth[field] = value;
  }
  return splitAuth(auth);
}

/** Username and password from `auth`, where only that is given. */
function splitAuth({ auth, ...rest }: AuthConfig): AuthConfig {
  if (auth === undefined || rest.username !== undefined) return rest;
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':');
  return username === '' ? rest : { ...rest, username, password: password.join(':') };
}

function invalidAuth(why: string, cause?: unknown): GantryError {
  return new GantryError('invalid-argument', 'registry-auth', `invalid X-Registry-Auth header: ${why}`, {
    cause,
  });
}
