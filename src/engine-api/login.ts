import { parseReference } from '#oci';
import { type AuthAnswer, parseAuth } from '#wire';
import { type Answer, json } from './answer.ts';
import { registryAuth } from './auth.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import type { Route } from './router.ts';

/** `POST /auth`: whether a registry takes credentials. They are kept by the client, not here. */
async function login(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const auth = parseAuth(await exchange.json({ anyType: true }));
  const domain = domainOf(auth.serveraddress ?? '');
  const { identityToken = '' } = await engine.registries.login(domain, registryAuth(auth), exchange.signal);
  return json({ Status: 'Login Succeeded', IdentityToken: identityToken } satisfies AuthAnswer);
}

/**
 * The registry that a server address means: a host, or a URL such as Docker Hub's `https://index.docker.io/v1/`.
 *
 * @throws invalid-argument `reference-invalid`
 */
function domainOf(server: string): string {
  const [host = ''] = server.replace(/^https?:\/\//, '').split('/', 1);
  return parseReference(host === '' ? 'x' : `${host}/x`).domain;
}

export const loginRoutes: readonly Route[] = [{ method: 'POST', path: '/auth', handle: login }];
