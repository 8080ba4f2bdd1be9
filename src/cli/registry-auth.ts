import path from 'node:path';
import { canonicalName, type Reference } from '#oci';
import type { Credentials } from '#registry-client';
import { encodeAuth } from '#wire';
import type { Invocation } from './command.ts';
import type { CommandIO } from './terminal.ts';

/** The user's credentials, in docker's own file. */
export async function credentialsOf({
  io,
  globals,
}: Pick<Invocation, 'io' | 'globals'>): Promise<Credentials> {
  // It brings an HTTP client along, which takes longer to load than most commands take to run.
  const { openCredentials } = await import('#registry-client');
  return openCredentials({ configFile: configFile({ io, globals }), env: io.env });
}

/** `--config`, `DOCKER_CONFIG` or `~/.docker`, and in it `config.json`. */
export function configFile({
  io,
  globals,
}: {
  io: Pick<CommandIO, 'env' | 'cwd'>;
  globals: Invocation['globals'];
}): string {
  const home = io.env['HOME'] ?? '/';
  const folder = globals.config || (io.env['DOCKER_CONFIG'] ?? path.join(home, '.docker'));
  return path.resolve(io.cwd, folder, 'config.json');
}

/** A header that gives a daemon credentials. */
type AuthHeader = Readonly<Record<'X-Registry-Auth', string>>;

/** The header that gives a daemon the credentials for the reference's registry; none are an empty object. */
export function authHeader(
  invocation: Pick<Invocation, 'io' | 'globals'>,
  reference: Reference,
): Promise<AuthHeader> {
  return serverAuthHeader(invocation, canonicalName(reference));
}

/** As `authHeader`, for a registry's host or a host with the path of a repository. */
export async function serverAuthHeader(
  invocation: Pick<Invocation, 'io' | 'globals'>,
  server: string,
): Promise<AuthHeader> {
  const found = await (await credentialsOf(invocation)).get(server);
  const { username, password, identityToken, registryToken } = found ?? {};
  return {
    'X-Registry-Auth': encodeAuth({
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(identityToken !== undefined && { identitytoken: identityToken }),
      ...(registryToken !== undefined && { registrytoken: registryToken }),
      ...(found !== undefined && { serveraddress: server.replace(/\/.*/, '') }),
    }),
  };
}
