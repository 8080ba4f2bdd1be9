import { toError } from '#errors';
import { type ApiListeners, openApiListeners } from './api-listeners.ts';
import { daemonFacts } from './facts.ts';
import { type HealthServer, openHealthServer } from './health.ts';
import { planListening } from './listen.ts';
import type { Log } from './log.ts';
import { type Metrics, openMetrics } from './metrics.ts';
import { notifyServiceManager } from './notify.ts';
import { createObserver } from './observer.ts';
import { openEngine, type OpenEngine } from './open-engine.ts';
import { openPidFile } from './pid-file.ts';
import { compareSettings, mergeLive } from './settings/describe.ts';
import type { LogLevel, ResolvedSettings, Settings } from './settings.ts';
import { readTls } from './tls.ts';
import { version } from './version.ts';

export interface RunDaemonOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly log: Log;
  /** Ends the daemon: connections are closed, work under way is stopped and what it fetched stays. */
  readonly signal: AbortSignal;
  /** Called when all addresses are open, with them as clients spell them. */
  readonly onReady: (addresses: readonly string[]) => void;
  /** Settings are read again, and taken over, each time that `listener` is called, until the answer is. */
  readonly onReload?: (listener: () => void) => () => void;
  /** Reads the settings again. */
  readonly resolve?: () => Promise<ResolvedSettings>;
}

/** The least level that is logged. */
export function logLevelOf({ debug, logLevel }: Settings): LogLevel {
  return debug ? 'debug' : logLevel;
}

/**
 * Serves the Engine API over the store at `settings.hosts` until the signal comes.
 *
 * @throws what `planListening`, `openPidFile`, `readTls`, `openEngine` and `listen` throw
 */
export async function runDaemon(resolved: ResolvedSettings, options: RunDaemonOptions): Promise<void> {
  const { env, uid, log, signal, onReady } = options;
  const { settings } = resolved;
  for (const warning of resolved.warnings) log.warn(warning);
  const places = await planListening(settings, { env, uid, pids: [process.pid, process.ppid] });
  using _pidFile = settings.pidfile === '' ? undefined : await openPidFile(settings.pidfile, process.pid);
  const tls = await readTls(settings);
  const metrics = settings.metricsAddr === '' ? undefined : await openMetrics(version);
  const observer = createObserver({ log, metrics });
  await using opened = await openEngine(settings, { env, uid, onBytes: observer.onBytes });
  metrics?.followImages(async () => (await opened.engine.metadata.images()).length);
  using _watching = observer.watch(opened.engine);
  const state = { resolved, ready: false };
  await using health =
    metrics && (await openHealth(settings.metricsAddr, { metrics, opened, isReady: () => state.ready }));
  const facts = await daemonFacts(opened, () => state.resolved);
  const onRefused = (error: Error, client: string | undefined) => {
    log.warn(`a client was refused: ${error.message}`, { client });
  };
  const listeners = await openApiListeners(places, {
    ...observer,
    engine: opened.engine,
    facts,
    tls,
    onRefused,
  });
  try {
    if (settings.allowUnprotectedTcp) log.warn('whoever reaches the TCP addresses commands this machine');
    announce(log, { settings, addresses: listeners.addresses, health });
    state.ready = true;
    onReady(listeners.addresses);
    notifyServiceManager('ready', options);
    await untilAborted(signal, () => followReloads(state, { ...options, opened, listeners }));
  } finally {
    state.ready = false;
    notifyServiceManager('stopping', options);
    await listeners.close(() => observer.idle());
  }
  log.info('stopped');
}

function announce(
  log: Log,
  {
    settings,
    addresses,
    health,
  }: { settings: Settings; addresses: readonly string[]; health: HealthServer | undefined },
): void {
  log.info(`gantry serves ${addresses.join(', ')} from ${settings.dataRoot}`, {
    version,
    pid: process.pid,
    hosts: addresses,
    metrics: health?.url,
  });
}

function openHealth(
  place: string,
  { metrics, opened, isReady }: { metrics: Metrics; opened: OpenEngine; isReady: () => boolean },
): Promise<HealthServer> {
  const notReady = async () => {
    if (!isReady()) return 'the daemon is starting or stopping';
    try {
      await opened.engine.metadata.setting('id');
      return undefined;
    } catch (error) {
      return `the store cannot be read: ${toError(error).message}`;
    }
  };
  return openHealthServer(place, { metrics, notReady });
}

interface Reloading extends RunDaemonOptions {
  readonly opened: OpenEngine;
  readonly listeners: ApiListeners;
}

/** Takes over new settings when asked to, one after another, until the answer is called. */
function followReloads(state: { resolved: ResolvedSettings }, reloading: Reloading): () => void {
  let last = Promise.resolve();
  return (
    reloading.onReload?.(() => {
      last = last.then(() => reload(state, reloading));
    }) ?? (() => undefined)
  );
}

/** A configuration that cannot be read changes nothing. */
async function reload(
  state: { resolved: ResolvedSettings },
  { opened, listeners, resolve, log, env }: Reloading,
): Promise<void> {
  if (resolve === undefined) return;
  notifyServiceManager('reloading', { env, log });
  try {
    const next = await resolve();
    const tls = await readTls(state.resolved.settings);
    const { live, fixed } = compareSettings(state.resolved, next);
    state.resolved = mergeLive(state.resolved, next);
    if (tls !== undefined) listeners.renew(tls);
    opened.apply(state.resolved.settings);
    log.setLevel(logLevelOf(state.resolved.settings));
    for (const warning of next.warnings) log.warn(warning);
    if (fixed.length > 0) log.warn(`these settings change with the next start: ${fixed.join(', ')}`);
    log.info('configuration read again', { changed: live });
  } catch (error) {
    log.error(`the configuration stays as it was: ${toError(error).message}`);
  }
  notifyServiceManager('ready', { env, log });
}

/** Resolves when the signal comes; what `during` answers is called then. */
async function untilAborted(signal: AbortSignal, during: () => () => void): Promise<void> {
  const end = during();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const onAbort = () => {
    resolve(undefined);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  await promise;
  end();
}
