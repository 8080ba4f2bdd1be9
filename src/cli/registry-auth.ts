import path from 'node:path';
import { openCredentials } from '#registry-client';
import { encodeAuth } from '#wire';
import { canonicalName, type Reference } from '#oci';
import type { Invocation } from './command.ts';

/** The user's credentials, in docker's own file. */
export function credentialsOf({
  io,
  globals,
}: Pick<Invocation, 'io' | 'globals'>): ReturnType<typeof openCredentials> {
  return openCredentials({ configFile: configFile({ io, globals }), env: io.env });
}

/** `--config`, `DOCKER_CONFIG` or `~/.docker`, and in it `config.json`. */
export function configFile({ io, globals }: Pick<Invocation, 'io' | 'globals'>): string {
  const home = io.env['HOME'] ?? '/';
  const folder = globals.config || (io.env['DOCKER_CONFIG'] ?? path.join(home, '.docker'));
  return path.resolve(io.cwd, folder, 'config.json');
}

/** The header that gives a daemon the credentials for the reference's registry; none are an empty object. */
export async function authHeader(
  invocation: Pick<Invocation, 'io' | 'globals'>,
  reference: Reference,
): Promise<{ 'X-Registry-Auth': string }> {
  const found = await credentialsOf(invocation).get(canonicalName(reference));
  const { username, password, identityToken, registryToken } = found ?? {};
  return {
    'X-Registry-Auth': encodeAuth({
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(identityToken !== undefined && { identitytoken: identityToken }),
      ...(registryToken !== undefined && { registrytoken: registryToken }),
      ...(found !== undefined && { serveraddress: reference.domain }),
    }),
  };
}
