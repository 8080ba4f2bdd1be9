import { isIP } from 'node:net';

/** Second-level names below which strangers register theirs (`co.uk`), where the top level is a country. */
const shared = new Set(['ac', 'co', 'com', 'edu', 'go', 'gov', 'ne', 'net', 'or', 'org']);

/**
 * The part of a host name that one owner registered, by a rule of thumb: the last two labels, or three below a shared
 * second level of a country. It errs on names like `x.github.io`, where the registry itself could ask its users for
 * the same credentials by a Basic challenge.
 */
function registrable(name: string): string {
  const labels = name.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  return labels.slice(top.length === 2 && shared.has(second) ? -3 : -2).join('.');
}

/**
 * Whether a registry's credentials may go to the token service that it names. A hostile answer can name any, so it
 * must be on the registry's own host (any port), or be below the same registered domain (`registry-1.docker.io` and
 * `auth.docker.io`); addresses are only ever themselves. And it must not be less protected than the registry.
 */
export function trustsRealm(registry: URL, realm: URL): boolean {
  if (realm.protocol !== 'https:' && realm.protocol !== registry.protocol) return false;
  if (realm.hostname === registry.hostname) return true;
  const names = [registry.hostname, realm.hostname];
  if (names.some((name) => isIP(name) !== 0 || name.startsWith('[') || !name.includes('.'))) return false;
  return registrable(registry.hostname) === registrable(realm.hostname);
}
