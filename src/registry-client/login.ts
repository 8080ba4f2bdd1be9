import { GantryError } from '#errors';
import { createEndpoint } from './endpoint.ts';
import type { Network } from './network.ts';
import type { RegistryCredentials } from './token.ts';

/**
 * Asks a registry whether it takes the credentials, by `GET /v2/`. Answers the identity token that its token service
 * gave to be kept instead of the password, if it gave one.
 *
 * @throws unauthorized `registry-unauthorized` in Docker's words; what the transport throws
 */
export async function verifyLogin(
  network: Network,
  domain: string,
  { credentials, signal }: { credentials: RegistryCredentials; signal: AbortSignal | undefined },
): Promise<{ identityToken?: string }> {
  const origins = (): Promise<URL[]> => network.hosts.origins(domain);
  const endpoint = createEndpoint(network, { domain, origins, credentials, offline: true });
  const answer = await endpoint.send({ method: 'GET', target: '/v2/', scopes: [], signal });
  if (answer.status === 401) {
    await answer.discard();
    throw new GantryError(
      'unauthorized',
      'registry-unauthorized',
      `login attempt to ${answer.url.href} failed with status: 401 Unauthorized`,
      { subject: { registry: answer.url.host, status: 401 } },
    );
  }
  if (answer.status !== 200) throw await endpoint.failure(answer, 'UNSUPPORTED');
  await answer.discard();
  const { refreshToken } = endpoint.authorizer;
  return refreshToken === undefined ? {} : { identityToken: refreshToken };
}
