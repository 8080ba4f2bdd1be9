import type { Invocation } from '#cli';
import { connectLocally, createApiServer } from '#engine-api';
import { type EngineClient, openEngineClient } from '#engine-client';
import { daemonFacts } from './facts.ts';
import { isLive } from './listen.ts';
import { openEngine } from './open-engine.ts';
import { defaultSocket, type Surroundings } from './places.ts';
import { resolveSettings } from './settings.ts';

/**
 * Opens the daemon that the command line means: `--host`, `DOCKER_HOST`, or the default socket when a daemon lives
 * there. With none of them, or with `--data-root` or `--config-file`, the engine is opened in this process and
 * spoken to over a connection of its own: the same API, without a socket.
 *
 * @throws what `openEngineClient` and `openEngine` throw
 */
export async function connect(
  globals: Invocation['globals'],
  surroundings: Surroundings,
): Promise<EngineClient> {
  const { dataRoot, configFile } = globals;
  if (dataRoot === '' && configFile === '') {
    const host = globals.host[0] ?? surroundings.env['DOCKER_HOST'];
    if (host !== undefined && host !== '') return openEngineClient({ host });
    const socket = defaultSocket(surroundings);
    if (await isLive(socket)) return openEngineClient({ host: `unix://${socket}` });
  }
  const settings = await resolveSettings({ ...(dataRoot !== '' && { dataRoot }) }, configFile, surroundings);
  return openInProcess(settings, surroundings);
}

async function openInProcess(
  settings: Awaited<ReturnType<typeof resolveSettings>>,
  { env, uid }: Surroundings,
): Promise<EngineClient> {
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openEngine(settings, { env, uid }));
  const server = createApiServer({ engine: opened.engine, facts: await daemonFacts(opened, settings) });
  const client = stack.use(
    await openEngineClient({ host: settings.dataRoot, connect: () => connectLocally(server) }),
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
