import path from 'node:path';
import type { Invocation } from '#cli';
import { connectLocally, createApiServer } from '#engine-api';
import { type EngineClient, openEngineClient } from '#engine-client';
import { clientTls } from './client-tls.ts';
import { daemonFacts } from './facts.ts';
import { isLive } from './listen.ts';
import { openEngine } from './open-engine.ts';
import { defaultSocket, type Surroundings } from './places.ts';
import { settingsOfFlags } from './settings/given.ts';
import { type ResolvedSettings, resolveSettings } from './settings.ts';

/**
 * Opens the daemon that the command line means: `--host`, `DOCKER_HOST`, or the default socket when a daemon lives
 * there. With none of them, or with `--data-root` or `--config-file`, the engine is opened in this process and
 * spoken to over a connection of its own: the same API, without a socket. `GANTRY_DATA_ROOT` is as `--data-root`
 * where no daemon is named.
 *
 * @throws what `clientTls`, `openEngineClient` and `openEngine` throw
 */
export async function connect(
  globals: Invocation['globals'],
  surroundings: Surroundings,
): Promise<EngineClient> {
  const { dataRoot, configFile } = globals;
  const { env } = surroundings;
  if (dataRoot === '' && configFile === '') {
    const host = globals.host[0] ?? env['DOCKER_HOST'];
    if (host !== undefined && host !== '') {
      const tls = await clientTls(globals, surroundings);
      return openEngineClient({ host, ...(tls && { tls }) });
    }
    const socket = defaultSocket(surroundings);
    const isElsewhere = (env['GANTRY_DATA_ROOT'] ?? '') !== '';
    if (!isElsewhere && (await isLive(socket))) return openEngineClient({ host: `unix://${socket}` });
  }
  const flags = settingsOfFlags(globals, {
    given: new Set(dataRoot === '' ? [] : ['data-root']),
    cwd: surroundings.cwd,
  });
  const file = configFile === '' ? '' : path.resolve(surroundings.cwd, configFile);
  return openInProcess(await resolveSettings({ flags, configFile: file }, surroundings), surroundings);
}

async function openInProcess(resolved: ResolvedSettings, { env, uid }: Surroundings): Promise<EngineClient> {
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openEngine(resolved.settings, { env, uid }));
  const server = createApiServer({ engine: opened.engine, facts: await daemonFacts(opened, () => resolved) });
  const client = stack.use(
    await openEngineClient({ host: resolved.settings.dataRoot, connect: () => connectLocally(server) }),
  );
  const owned = stack.move();
  return {
    host: client.host,
    apiVersion: client.apiVersion,
    serverHeaders: client.serverHeaders,
    request: (request) => client.request(request),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
