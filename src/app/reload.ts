import { toError } from '#errors';
import type { ApiListeners } from './api-listeners.ts';
import type { Log } from './log.ts';
import { notifyServiceManager } from './notify.ts';
import type { OpenEngine } from './open-engine.ts';
import { compareSettings, mergeLive } from './settings/describe.ts';
import { logLevelOf, type ResolvedSettings } from './settings.ts';
import { readTls } from './tls.ts';

/** Where new settings come from. */
export interface Reloads {
  /** Calls `listener` each time that somebody asks for it, until the answer is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Reads the settings again. */
  readonly resolve: () => Promise<ResolvedSettings>;
}

/** What a running daemon can change. */
export interface Reloadable {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly engine: OpenEngine;
  readonly listeners: ApiListeners;
}

/** Takes over new settings when asked to, one time after another, into `state`, until disposed. */
export function followReloads(
  state: { resolved: ResolvedSettings },
  { subscribe, resolve }: Reloads,
  reloadable: Reloadable,
): Disposable {
  let last = Promise.resolve();
  const stop = subscribe(() => {
    last = last.then(() => reload(state, resolve, reloadable));
  });
  return { [Symbol.dispose]: stop };
}

/** A configuration that cannot be read changes nothing. Never fails. */
async function reload(
  state: { resolved: ResolvedSettings },
  resolve: Reloads['resolve'],
  { env, log, engine, listeners }: Reloadable,
): Promise<void> {
  notifyServiceManager('reloading', { env, log });
  try {
    const next = await resolve();
    // The paths stay; what is in the files may be new.
    const tls = await readTls(state.resolved.settings);
    const { live, fixed } = compareSettings(state.resolved, next);
    engine.apply(mergeLive(state.resolved, next).settings);
    state.resolved = mergeLive(state.resolved, next);
    if (tls !== undefined) listeners.renew(tls);
    log.setLevel(logLevelOf(state.resolved.settings));
    for (const warning of next.warnings) log.warn(warning);
    if (fixed.length > 0) log.warn(`these settings change with the next start: ${fixed.join(', ')}`);
    log.info('configuration read again', { changed: live });
  } catch (error) {
    log.error(`the configuration stays as it was: ${toError(error).message}`);
  }
  notifyServiceManager('ready', { env, log });
}
