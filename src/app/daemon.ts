import { collectGarbage } from '#engine';
import { toError } from '#errors';
import { openApiListeners } from './api-listeners.ts';
import { daemonFacts } from './facts.ts';
import { type HealthServer, openHealthServer } from './health.ts';
import { planListening } from './listen.ts';
import type { Log } from './log.ts';
import { type Metrics, openMetrics } from './metrics.ts';
import { notifyServiceManager } from './notify.ts';
import { createObserver } from './observer.ts';
import { openEngine, type OpenEngine } from './open-engine.ts';
import { openPidFile } from './pid-file.ts';
import { followReloads, type Reloads } from './reload.ts';
import type { ResolvedSettings } from './settings.ts';
import { readTls } from './tls.ts';
import { version } from './version.ts';

export interface RunDaemonOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly log: Log;
  /** Ends the daemon: connections are closed, work under way is stopped and what it fetched stays. */
  readonly signal: AbortSignal;
  /** Called when all addresses are open, with them as clients spell them. */
  readonly onReady?: (addresses: readonly string[]) => void;
  /** Without it the settings stay as they are. */
  readonly reloads?: Reloads;
}

/**
 * Serves the Engine API over the store at `settings.hosts` until the signal comes.
 *
 * @throws what `planListening`, `openPidFile`, `readTls`, `openEngine`, `openHealthServer` and `listen` throw
 */
export async function runDaemon(resolved: ResolvedSettings, options: RunDaemonOptions): Promise<void> {
  const { env, uid, log, signal, onReady, reloads } = options;
  const { settings } = resolved;
  const state = { resolved, ready: false };
  for (const warning of resolved.warnings) log.warn(warning);
  if (settings.allowUnprotectedTcp) log.warn('whoever reaches the TCP addresses commands this machine');
  // The parent is this program under an older Node, when that had to start the Node that it brought along.
  const places = await planListening(settings, { env, uid, pids: [process.pid, process.ppid] });
  const tls = await readTls(settings);

  await using stack = new AsyncDisposableStack();
  if (settings.pidfile !== '') stack.use(await openPidFile(settings.pidfile, process.pid));
  const metrics = settings.metricsAddr === '' ? undefined : await openMetrics(version);
  const observer = createObserver({ log, metrics });
  const opened = stack.use(await openEngine(settings, { env, uid, onBytes: observer.onBytes }));
  stack.use(observer.watch(opened.engine));
  const health =
    metrics &&
    stack.use(await openHealth(settings.metricsAddr, { metrics, opened, isReady: () => state.ready }));
  const listeners = await openApiListeners(places, {
    engine: opened.engine,
    facts: await daemonFacts(opened, () => state.resolved),
    tls,
    around: observer.around,
    onFailure: observer.onFailure,
    onRefused: (error, client) => {
      log.warn(`a client was refused: ${error.message}`, { client });
    },
  });
  const { addresses } = listeners;
  stack.defer(() => listeners.close(() => observer.idle()));

  log.info(`gantry serves ${addresses.join(', ')} from ${settings.dataRoot}`, {
    version,
    pid: process.pid,
    hosts: addresses,
    metrics: health?.url,
  });
  stack.use(collectInBackground(opened.engine, log));
  if (reloads) stack.use(followReloads(state, reloads, { env, log, engine: opened, listeners }));
  state.ready = true;
  onReady?.(addresses);
  notifyServiceManager('ready', options);
  await aborted(signal);
  state.ready = false;
  notifyServiceManager('stopping', options);
  await stack.disposeAsync();
  log.info('stopped');
}

/** What a daemon that was killed left goes while this one serves; disposing ends that, and waits for it. */
function collectInBackground(engine: OpenEngine['engine'], log: Log): AsyncDisposable {
  const end = new AbortController();
  const collecting = collectGarbage(engine, { signal: end.signal }).then(
    (leftovers) => {
      if (leftovers.length > 0) log.info('leftovers were removed', { count: leftovers.length });
    },
    (error: unknown) => {
      if (!end.signal.aborted) log.warn(`leftovers were not removed: ${toError(error).message}`);
    },
  );
  return {
    [Symbol.asyncDispose]: () => {
      end.abort();
      return collecting;
    },
  };
}

/** The daemon is ready while it serves and its store can be read. */
function openHealth(
  place: string,
  { metrics, opened, isReady }: { metrics: Metrics; opened: OpenEngine; isReady: () => boolean },
): Promise<HealthServer> {
  const { metadata } = opened.engine;
  metrics.followImages(async () => (await metadata.images()).length);
  const notReady = async () => {
    if (!isReady()) return 'the daemon is starting or stopping';
    try {
      await metadata.setting('id');
      return undefined;
    } catch (error) {
      return `the store cannot be read: ${toError(error).message}`;
    }
  };
  return openHealthServer(place, { metrics, notReady });
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
