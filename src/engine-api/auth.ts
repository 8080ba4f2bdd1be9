import type { RegistryAuth } from '#engine';
import { decodeAuth, type AuthConfig } from '#wire';
import type { Exchange } from './exchange.ts';

/** Docker Hub's name in credentials since there was only one registry. */
export const hubServer = 'https://index.docker.io/v1/';

/** Credentials in the engine's words. */
export function registryAuth(auth: AuthConfig): RegistryAuth {
  const { username, password, identitytoken, registrytoken, serveraddress } = auth;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(identitytoken === undefined ? {} : { identityToken: identitytoken }),
    ...(registrytoken === undefined ? {} : { registryToken: registrytoken }),
    ...(serveraddress === undefined ? {} : { serverAddress: serveraddress }),
  };
}

/**
 * The credentials in the header `X-Registry-Auth`, as an option; none when there are none. What cannot be read
 * counts as none, as in moby: the registry then says what is missing.
 */
export function authOf({ headers }: Exchange): { auth?: RegistryAuth } {
  const header = headers['x-registry-auth'];
  if (typeof header !== 'string') return {};
  try {
    const auth = registryAuth(decodeAuth(header));
    return Object.keys(auth).length === 0 ? {} : { auth };
  } catch {
    return {};
  }
}
