import { registryError } from '#registry';
import type { Htpasswd } from './htpasswd.ts';
import type { Action } from './routes.ts';

/** Who may do what. */
export interface Access {
  /** Who may push, and pull; without, everyone may do everything. */
  readonly users?: Htpasswd | undefined;
  /** Whether one may pull without a name. */
  readonly anonymousPull?: boolean | undefined;
}

/** What a client must show: Basic credentials (RFC 7617). */
export const challenge = 'Basic realm="gantry", charset="UTF-8"';

/**
 * Lets a request through.
 *
 * The root of the API asks even those for a name who may pull without one: Docker's client learns there, and nowhere
 * else, whether to send the credentials that it has.
 *
 * @throws unauthorized `registry-unauthorized` for missing or wrong credentials; resource-exhausted
 *   `registry-rate-limited` when too many are being checked
 */
export async function authorize(
  { users, anonymousPull = false }: Access,
  { action, authorization }: { action: Action; authorization: string | undefined },
): Promise<void> {
  if (users === undefined || action === 'open') return;
  // Whatever is sent: Docker shows a mirror the credentials of Docker Hub, which are nobody's here.
  if (action === 'pull' && anonymousPull) return;
  const credentials = readBasic(authorization);
  if (credentials === undefined) throw registryError('UNAUTHORIZED', 'authentication required');
  if (!(await users.verify(credentials))) throw registryError('UNAUTHORIZED', 'wrong name or password');
}

/** The credentials of an Authorization header. Tools that have none send empty ones. */
function readBasic(header: string | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon === -1 || text === ':') return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
