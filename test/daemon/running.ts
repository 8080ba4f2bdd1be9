import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const bin = new URL('../../bin/gantry.mjs', import.meta.url).pathname;

/** A line of a daemon's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: string };

/** A `gantry daemon` that a test looks at closely. Disposing ends it. */
export interface RunningDaemon extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  /** All that it printed. */
  printed(): string;
  /** The first line of its log, from now or before, that fits. Fails when the daemon ends or 15 s pass. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** As many lines as fit so far. */
  lines(fits: (line: LogLine) => boolean): readonly LogLine[];
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

const patience = 15_000;

/** Starts one with a log of JSON. `passed` are open files that become its descriptors 3 and up. */
export function startGantry(
  args: readonly string[],
  {
    env = {},
    passed = [],
  }: { env?: Readonly<Record<string, string | undefined>>; passed?: readonly number[] } = {},
): RunningDaemon {
  const child = spawn(process.execPath, [bin, 'daemon', '--log-format', 'json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', ...passed],
    env: { ...process.env, DOCKER_HOST: undefined, NOTIFY_SOCKET: undefined, ...env },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const lines = (fits: (line: LogLine) => boolean) =>
    printed
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []))
      .filter(fits);
  return {
    child,
    pid: child.pid!,
    printed: () => printed,
    lines,
    async line(fits) {
      const deadline = Date.now() + patience;
      while (Date.now() < deadline) {
        const [found] = lines(fits);
        if (found !== undefined) return found;
        assert.ok(isRunning(), `the daemon ended:\n${printed}`);
        await sleep(10);
      }
      return assert.fail(`no such line:\n${printed}`);
    },
    ended,
    async [Symbol.asyncDispose]() {
      if (isRunning()) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Whether it is the line that says where the daemon listens. */
export function isServing({ msg }: LogLine): boolean {
  return msg.startsWith('gantry serves ');
}

/** Whether it is the line of a request to a path that ends so. */
export function isRequest(path: string): (line: LogLine) => boolean {
  return (line) => line.msg === 'request' && String(line['path']).endsWith(path);
}
