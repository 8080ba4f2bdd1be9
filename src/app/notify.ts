import { toError } from '#errors';
import { sendDatagram } from '#host';
import type { Log } from './log.ts';

/** What a service manager wants to know (sd_notify(3)). */
export type ServiceState = 'ready' | 'reloading' | 'stopping';

/**
 * Tells the service manager that started this process, when it asked for that (NOTIFY_SOCKET). One that cannot be
 * told is a warning: the daemon works without it.
 */
export function notifyServiceManager(
  state: ServiceState,
  { env, log }: { env: Readonly<Record<string, string | undefined>>; log: Log },
): void {
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return;
  try {
    sendDatagram(socket, `${words(state)}\nMAINPID=${process.pid}`);
  } catch (error) {
    log.warn(`the service manager cannot be told that the daemon is ${state}: ${toError(error).message}`);
  }
}

function words(state: ServiceState): string {
  if (state === 'ready') return 'READY=1';
  if (state === 'stopping') return 'STOPPING=1';
  // Node's clock is CLOCK_MONOTONIC, in nanoseconds; systemd wants to know when the reload began.
  return `RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`;
}
