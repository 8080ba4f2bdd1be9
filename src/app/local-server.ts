import type { Server } from 'node:http';
import path from 'node:path';
import type { Invocation } from '#cli';
import { createApiServer } from '#engine-api';
import { daemonFacts } from './facts.ts';
import { openEngine } from './open-engine.ts';
import type { Surroundings } from './places.ts';
import { settingsOfFlags } from './settings/given.ts';
import { resolveSettings } from './settings.ts';

/** The Engine API inside this process. */
export interface LocalServer extends AsyncDisposable {
  readonly server: Server;
  /** Where the store lies. */
  readonly dataRoot: string;
}

/**
 * Opens the engine on the store that the command line means and an API server over it that listens nowhere.
 * Disposing it closes the engine.
 *
 * @throws what `resolveSettings` and `openEngine` throw
 */
export async function openLocalServer(
  { dataRoot, configFile }: Invocation['globals'],
  surroundings: Surroundings,
): Promise<LocalServer> {
  const { env, uid, cwd } = surroundings;
  const flags = settingsOfFlags({ dataRoot }, { given: new Set(dataRoot === '' ? [] : ['data-root']), cwd });
  const file = configFile === '' ? '' : path.resolve(cwd, configFile);
  const resolved = await resolveSettings({ flags, configFile: file }, surroundings);
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openEngine(resolved.settings, { env, uid }));
  const server = createApiServer({ engine: opened.engine, facts: await daemonFacts(opened, () => resolved) });
  const owned = stack.move();
  return {
    server,
    dataRoot: resolved.settings.dataRoot,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
