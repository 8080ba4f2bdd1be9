import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import path from 'node:path';
import { openDiskContent, openStoreRoot } from '#content';
import { fromErrno, GantryError } from '#errors';
import { openMetadata } from '#metadata';
import type { MirrorSettings } from '#mirror';
import { createRegistryServer, openHtpasswd } from '#registry-server';
import { openRepositories } from '#repositories';
import { openMirror } from './mirror.ts';

/** What a registry is told. */
export interface RegistrySettings {
  /** The directory of its store. It may be an engine's: then the two share all bytes. */
  readonly root: string;
  /** Where to listen: `127.0.0.1:5000`, `[::1]:5000`, `:5000` for all of the machine's addresses. */
  readonly addr: string;
  /** A file of users as `htpasswd -B` writes it; without it everyone may do everything. */
  readonly htpasswd?: string | undefined;
  /** Whether one may pull without being one of the users. */
  readonly anonymousPull?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
  /** Files in PEM: the certificate with its chain, and the key. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Whether others may reach it without TLS. */
  readonly insecure?: boolean | undefined;
  /** Which registries it mirrors beside its own repositories. */
  readonly mirror?: MirrorSettings | undefined;
  /** For the proxies of mirrored registries. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface RunRegistryOptions {
  /** Ends the registry: answers under way get ten seconds, what was uploaded stays and can be gone on with. */
  readonly signal: AbortSignal;
  /** Called when the address is open, with its URL. */
  readonly onReady: (url: string) => void;
  /** Called with what failed that no client was told of. */
  readonly onFailure: (error: unknown) => void;
}

/** How often what repositories no longer need is looked for, in milliseconds. */
const collectEvery = 60 * 60 * 1000;

/** How long answers may take after the end was asked for, in milliseconds. */
const patience = 10_000;

/**
 * Serves a private registry over the store at `settings.root` until the signal comes. Needs no root.
 *
 * @throws invalid-argument `addr-invalid`, `htpasswd-invalid`; forbidden `registry-insecure` for plain HTTP that others
 *   can reach; unsupported `store-too-new`; `errno-…`
 */
export async function runRegistry(
  settings: RegistrySettings,
  { signal, onReady, onFailure }: RunRegistryOptions,
): Promise<void> {
  const { root, anonymousPull, readOnly = false, env = {} } = settings;
  const place = parseAddress(settings);
  const tls = settings.tls && {
    cert: await readPem(settings.tls.cert),
    key: await readPem(settings.tls.key),
  };
  const users = settings.htpasswd === undefined ? undefined : await openHtpasswd(settings.htpasswd);
  await openStoreRoot({ root, signal });
  await using metadata = await openMetadata({ path: path.join(root, 'metadata.sqlite') });
  const store = {
    content: await openDiskContent({ directory: root }),
    metadata,
    clock: Date.now,
    uniqueId: () => crypto.randomUUID(),
  };
  await using registry = openRepositories(store);
  await using mirror = settings.mirror && openMirror(settings.mirror, { ...store, local: registry, env });
  const server = createRegistryServer({
    registry: mirror === undefined ? registry : (asked) => mirror.at(asked),
    access: { users, anonymousPull },
    readOnly,
    tls,
    onFailure,
  });
  await listen(server, place);
  let collecting = Promise.resolve();
  const timer = setInterval(() => {
    const collect = async (): Promise<void> => {
      await mirror?.evict({ signal });
      await registry.collect({ signal });
    };
    collecting = collect().catch((error: unknown) => {
      if (!signal.aborted) onFailure(error);
    });
  }, collectEvery);
  try {
    onReady(urlOf(server, tls !== undefined));
    await aborted(signal);
  } finally {
    clearInterval(timer);
    await close(server);
    await collecting;
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
}

function parseAddress({ addr, tls, insecure = false }: RegistrySettings): Place {
  const [, bracketed, plain = '', digits] =
    /^(?:\[([0-9a-f:.]+)\]|([^:/[\]\s]*)):(\d{1,5})$/i.exec(addr) ?? [];
  const host = bracketed ?? plain;
  if (digits === undefined || Number(digits) > 65_535) {
    throw new GantryError(
      'invalid-argument',
      'addr-invalid',
      `cannot listen at "${addr}": give HOST:PORT, such as 127.0.0.1:5000`,
      { subject: { addr } },
    );
  }
  if (tls === undefined && !insecure && !/^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/i.test(host)) {
    throw new GantryError(
      'forbidden',
      'registry-insecure',
      `cannot listen at ${addr}: others could read what passes; give a certificate and its key, or allow it in words`,
      { subject: { addr } },
    );
  }
  return { host, port: Number(digits) };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fromErrno(error, `read ${file}`, { file });
  }
}

async function listen(server: Server, { host, port }: Place): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // Without a host: all addresses of both families.
      server.listen({ port, ...(host !== '' && { host }) }, resolve);
    });
  } catch (error) {
    throw fromErrno(error, `listen at ${host}:${port}`, { host, port });
  }
}

function urlOf(server: Server, secure: boolean): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return '';
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${secure ? 'https' : 'http'}://${host}:${address.port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, patience);
  await closed;
  clearTimeout(timer);
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
