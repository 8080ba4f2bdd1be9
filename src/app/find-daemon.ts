import path from 'node:path';
import { contextName, configFile, defaultContext, type Invocation } from '#cli';
import { GantryError } from '#errors';
import { clientTls } from './client-tls.ts';
import { type Endpoint, readContext } from './context-store.ts';
import { isLive } from './listen.ts';
import { defaultSocket, type Surroundings } from './places.ts';

/**
 * The daemon that the command line means: the one of the context in force, `--host`, `DOCKER_HOST`, or the default
 * socket when a daemon lives there. Undefined when there is none, or when `--data-root`, `--config-file` or
 * `GANTRY_DATA_ROOT` name a store instead.
 *
 * @throws invalid-argument `flags-conflict`; what `contextName`, `readContext` and `clientTls` throw
 */
export async function findDaemon(
  globals: Invocation['globals'],
  surroundings: Surroundings,
  warn: (line: string) => void,
): Promise<Endpoint | undefined> {
  const { dataRoot, configFile: storeFile, host: hosts, context } = globals;
  const { env } = surroundings;
  if (dataRoot !== '' || storeFile !== '') return undefined;
  if (context !== '' && hosts.length > 0)
    throw conflict('conflicting options: cannot specify both --host and --context');
  if (hosts.length > 1)
    throw conflict('Failed to initialize: unable to resolve docker endpoint: Specify only one -H');
  const place = { io: surroundings, globals };
  const name = await contextName(place, warn);
  if (name !== defaultContext) {
    const endpoint = await readContext(path.dirname(configFile(place)), name);
    if (endpoint.host !== '') return endpoint;
  }
  // A context without a host means this machine, whatever DOCKER_HOST says; the default one means DOCKER_HOST.
  const host = name === defaultContext ? (hosts[0] ?? env['DOCKER_HOST'] ?? '') : '';
  if (host !== '') {
    const tls = await clientTls(globals, surroundings);
    return { host, ...(tls && { tls }) };
  }
  const socket = defaultSocket(surroundings);
  const isElsewhere = (env['GANTRY_DATA_ROOT'] ?? '') !== '';
  return !isElsewhere && (await isLive(socket)) ? { host: `unix://${socket}` } : undefined;
}

function conflict(message: string): GantryError {
  return new GantryError('invalid-argument', 'flags-conflict', message);
}
