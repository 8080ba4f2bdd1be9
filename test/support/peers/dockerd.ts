import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon } from './daemon.ts';
import { run, type RunOptions, type RunResult } from './run.ts';
import { unmountBelow } from './temporary.ts';
import { requireTools } from './tools.ts';

/** A running Docker daemon of Debian. */
export interface Dockerd extends AsyncDisposable {
  readonly pid: number;
  /** The path of its socket. */
  readonly socket: string;
  /** The socket as `docker --host` and DOCKER_HOST want it. */
  readonly host: string;
  readonly log: string;
  /** Runs the docker command against this daemon. */
  docker(args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/**
 * Starts dockerd with all it keeps in `dir` (a short path: a socket's is at most 107 bytes) and waits until it
 * answers. It makes no bridge and no firewall rules: `docker run` needs `--network none` or `host`. Needs root.
 * The storage stays after it, unmounted.
 *
 * @param options.args - More arguments of dockerd, such as `--registry-mirror=…`.
 */
export async function openDockerd({
  dir,
  args = [],
}: {
  dir: string;
  args?: readonly string[];
}): Promise<Dockerd> {
  await requireTools(['dockerd', 'containerd', 'runc', 'docker', 'setpriv']);
  await mkdir(dir, { recursive: true });
  // An empty configuration of its own, so that the machine's is not read.
  const configuration = join(dir, 'daemon.json');
  await writeFile(configuration, '{}');
  const socket = join(dir, 'docker.sock');
  const host = `unix://${socket}`;
  const log = join(dir, 'dockerd.log');
  // The tests' environment and home must not choose another daemon or credentials.
  const env = { DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined, DOCKER_CONFIG: join(dir, 'config') };
  const docker = (words: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    run('docker', ['--host', host, ...words], { ...options, env: { ...env, ...options.env } });

  const daemon = await startDaemon(
    'dockerd',
    [
      ...[
        '--data-root',
        join(dir, 'data'),
        '--exec-root',
        join(dir, 'exec'),
        '--pidfile',
        join(dir, 'dockerd.pid'),
      ],
      ...['--config-file', configuration, '--host', host, '--iptables=false', '--bridge=none', ...args],
    ],
    { log, ready: async () => (await docker(['version'])).code === 0 },
  );
  return {
    pid: daemon.pid,
    socket,
    host,
    log,
    docker,
    async [Symbol.asyncDispose]() {
      await daemon.stop();
      await unmountBelow(dir);
    },
  };
}
