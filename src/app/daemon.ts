import { createApiServer } from '#engine-api';
import { daemonFacts } from './facts.ts';
import { listen } from './listen.ts';
import { openEngine } from './open-engine.ts';
import type { Settings } from './settings.ts';

export interface RunDaemonOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** Ends the daemon: connections are closed, work under way is stopped and what it fetched stays. */
  readonly signal: AbortSignal;
  /** Called when all addresses are open. */
  readonly onReady: () => void;
  /** Called with what failed that no client was told of. */
  readonly onFailure: (error: unknown, request: { readonly method: string; readonly path: string }) => void;
}

/**
 * Serves the Engine API over the store at `settings.hosts` until the signal comes.
 *
 * @throws what `openEngine` and `listen` throw
 */
export async function runDaemon(
  settings: Settings,
  { env, uid, signal, onReady, onFailure }: RunDaemonOptions,
): Promise<void> {
  await using opened = await openEngine(settings, { env, uid });
  const facts = await daemonFacts(opened, settings);
  await using servers = new AsyncDisposableStack();
  for (const host of settings.hosts) {
    const server = createApiServer({ engine: opened.engine, facts, onFailure });
    servers.defer(async () => {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    });
    await listen(server, host);
  }
  onReady();
  await aborted(signal);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener('abort', () => {
        resolve();
      });
  });
}
