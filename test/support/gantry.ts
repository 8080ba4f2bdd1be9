import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon } from './peers/daemon.ts';
import { run, type RunOptions, type RunResult } from './peers/run.ts';

const bin = new URL('../../bin/gantry.mjs', import.meta.url).pathname;

/** What must not leak into a test from whoever runs it. */
const cleanEnvironment = {
  DOCKER_HOST: undefined,
  DOCKER_CONTEXT: undefined,
  GANTRY_HOST: undefined,
  NO_COLOR: '1',
} as const;

/** A running `gantry daemon`. */
export interface GantryDaemon extends AsyncDisposable {
  readonly pid: number;
  /** The socket, as `docker --host` and DOCKER_HOST want it. */
  readonly host: string;
  readonly dataRoot: string;
  readonly log: string;
}

/** Starts a daemon with all it keeps in `dir` (a short path: a socket's is at most 107 bytes). */
export async function openGantryDaemon({
  dir,
  args = [],
}: {
  dir: string;
  args?: readonly string[];
}): Promise<GantryDaemon> {
  await mkdir(dir, { recursive: true });
  const host = `unix://${join(dir, 'gantry.sock')}`;
  const dataRoot = join(dir, 'data');
  const log = join(dir, 'gantry.log');
  const daemon = await startDaemon(
    process.execPath,
    [bin, 'daemon', '--host', host, '--data-root', dataRoot, ...args],
    { log, env: cleanEnvironment, ready: async () => (await docker(['version'], { host })).code === 0 },
  );
  return {
    pid: daemon.pid,
    host,
    dataRoot,
    log,
    [Symbol.asyncDispose]: () => daemon.stop(),
  };
}

/** Runs our own command. */
export function gantry(words: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run(process.execPath, [bin, ...words], { ...options, env: { ...cleanEnvironment, ...options.env } });
}

/** Runs the unmodified docker command against `host`. */
export function docker(
  words: readonly string[],
  { host, ...options }: RunOptions & { host: string },
): Promise<RunResult> {
  return run('docker', ['--host', host, ...words], {
    ...options,
    env: { ...cleanEnvironment, ...options.env },
  });
}
