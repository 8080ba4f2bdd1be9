import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that runs until it is stopped. */
export interface Daemon extends AsyncDisposable {
  readonly pid: number;
  /** Ends it: SIGTERM, and SIGKILL after ten seconds. Stopping it again does nothing. */
  stop(): Promise<void>;
}

/** How a daemon is started. */
export interface DaemonOptions {
  /** The file that receives all it prints. */
  readonly log: string;
  /** Asked every 50 ms until it says that the daemon answers. */
  readonly ready: () => Promise<boolean>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const startingTakes = 60_000;
const stoppingTakes = 10_000;

/**
 * Starts a daemon and waits until it is ready. Throws with the end of its log when it ends early or is not ready
 * within a minute. It also ends when the process of the tests does, however that ends.
 */
export async function startDaemon(
  command: string,
  args: readonly string[],
  { log, ready, env }: DaemonOptions,
): Promise<Daemon> {
  await using output = await open(log, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], {
    stdio: ['ignore', output.fd, output.fd],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  const isRunning = (): boolean =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;

  const stop = async (): Promise<void> => {
    if (!isRunning()) return;
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), stoppingTakes);
    await ended;
    clearTimeout(patience);
  };

  const deadline = Date.now() + startingTakes;
  while (!(await ready())) {
    const late = Date.now() > deadline;
    if (late) await stop();
    if (late || !isRunning()) {
      const end = (await readFile(log, 'utf8')).slice(-2000);
      throw new Error(`${command} ${late ? 'was not ready in time' : 'ended before it was ready'}:\n${end}`);
    }
    await sleep(50);
  }
  return { pid: child.pid!, stop, [Symbol.asyncDispose]: stop };
}
