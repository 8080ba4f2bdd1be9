import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon } from './daemon.ts';
import { succeed } from './run.ts';
import { temporaryDirectory } from './temporary.ts';
import { requireTools } from './tools.ts';

/** What the registry keeps, whom it lets in and how it is reached. */
export interface RegistryOptions {
  /** Its storage, kept after the registry; a new directory, removed after it, unless given. */
  readonly dir?: string;
  /** Basic authentication with one user. */
  readonly auth?: { readonly user: string; readonly password: string };
  /** Files in PEM; with `clientCa` a client must show a certificate of that authority. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  /** Makes it a pull-through mirror of the registry at this URL. */
  readonly proxyOf?: string;
  /** A free port unless given. */
  readonly port?: number;
  /** Refuses every write. */
  readonly readonly?: boolean;
}

/** A running registry on the loopback. */
export interface Registry extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** `127.0.0.1:port`, as references spell it. */
  readonly host: string;
  /** `http://127.0.0.1:port`, or https. */
  readonly url: string;
  /** The file of its log; its lines hold each request. */
  readonly log: string;
  /** Stops it; the storage stays until it is disposed. */
  stop(): Promise<void>;
}

/** Starts Debian's docker-registry and waits until it listens. */
export async function openRegistry(options: RegistryOptions = {}): Promise<Registry> {
  await requireTools(['docker-registry', 'htpasswd', 'setpriv']);
  await using stack = new AsyncDisposableStack();
  const { path: home } = stack.use(await temporaryDirectory('registry'));
  const storage = options.dir ?? join(home, 'storage');
  await mkdir(storage, { recursive: true });

  const config = join(home, 'config.yml');
  const log = join(home, 'registry.log');
  // YAML is a superset of JSON.
  await writeFile(config, JSON.stringify(await configuration(options, { home, storage })));

  let port = 0;
  const daemon = stack.use(
    await startDaemon('docker-registry', ['serve', config], {
      log,
      // Port 0 lets the kernel choose, so that two tests never want the same; the log tells which it is.
      ready: async () => {
        const listening = /listening on 127\.0\.0\.1:(\d+)/.exec(await readFile(log, 'utf8'));
        port = Number(listening?.[1] ?? 0);
        return port !== 0;
      },
    }),
  );
  const owned = stack.move();
  const host = `127.0.0.1:${port}`;
  return {
    pid: daemon.pid,
    port,
    host,
    url: `${options.tls ? 'https' : 'http'}://${host}`,
    log,
    stop: () => daemon.stop(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function configuration(
  { auth, tls, proxyOf, port = 0, readonly = false }: RegistryOptions,
  { home, storage }: { home: string; storage: string },
): Promise<object> {
  return {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: storage },
      delete: { enabled: true },
      maintenance: { readonly: { enabled: readonly }, uploadpurging: { enabled: false } },
    },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: randomBytes(16).toString('hex'),
      ...(tls && {
        tls: { certificate: tls.cert, key: tls.key, ...(tls.clientCa && { clientcas: [tls.clientCa] }) },
      }),
    },
    ...(proxyOf && { proxy: { remoteurl: proxyOf } }),
    ...(auth && { auth: { htpasswd: { realm: 'test', path: await passwords(home, auth) } } }),
  };
}

async function passwords(
  home: string,
  { user, password }: { user: string; password: string },
): Promise<string> {
  const path = join(home, 'htpasswd');
  // docker-registry knows bcrypt (-B) only; the password comes on the standard input (-i).
  await writeFile(path, await succeed('htpasswd', ['-niB', user], { input: password }));
  return path;
}
