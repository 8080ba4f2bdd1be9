import { once } from 'node:events';
import { chmod, chown, mkdir, unlink } from 'node:fs/promises';
import { type ListenOptions, connect, type Server } from 'node:net';
import path from 'node:path';
import { errnoOf, fromErrno, GantryError } from '#errors';
import { type PassedSocket, passedSockets } from './activation.ts';
import { isLoopbackAddress, parseHost } from './address.ts';
import { socketGroup } from './group.ts';
import type { Settings } from './settings.ts';
import { wantsTls } from './tls.ts';

/** Who may use the daemon may do what root can: nobody but the owner and the group. */
const socketMode = 0o660;

/** Docker's ports (IANA: docker, docker-s). */
const plainPort = 2375;
const securePort = 2376;

/** One place to listen at, checked and not yet open. */
export type Place =
  | { readonly type: 'unix'; readonly path: string; readonly group: number | undefined }
  | { readonly type: 'tcp'; readonly address: string; readonly port: number; readonly secure: boolean }
  | (PassedSocket & { readonly passed: true; readonly secure: boolean });

/**
 * What `settings.hosts` stand for. Opens nothing.
 *
 * @throws forbidden `host-insecure` for TCP that others can reach and where clients prove nothing;
 *   invalid-argument `host-invalid`, `host-no-fd`, `group-unknown`
 */
export async function planListening(
  settings: Settings,
  {
    env,
    uid,
    pids,
  }: { env: Readonly<Record<string, string | undefined>>; uid: number; pids: readonly number[] },
): Promise<readonly Place[]> {
  const secure = wantsTls(settings);
  const places = settings.hosts.map(async (text): Promise<readonly Place[]> => {
    const host = parseHost(text);
    switch (host?.type) {
      case 'unix':
        return [{ type: 'unix', path: host.path, group: await socketGroup(settings.group, { uid }) }];
      case 'fd': {
        const sockets = await passedSockets(host.which, { env, pids });
        return sockets.map((socket) => ({
          ...socket,
          passed: true,
          secure: secure && socket.type === 'tcp',
        }));
      }
      case 'tcp': {
        const { address, port = secure ? securePort : plainPort } = host;
        if (!isLoopbackAddress(address)) refuseUnprotected(text, settings);
        return [{ type: 'tcp', address, port, secure }];
      }
      case undefined:
        throw new GantryError(
          'invalid-argument',
          'host-invalid',
          `cannot listen at "${text}": give unix:///path, tcp://address:port or fd://`,
          { subject: { host: text } },
        );
    }
  });
  return (await Promise.all(places)).flat();
}

function refuseUnprotected(host: string, { tlsverify, allowUnprotectedTcp }: Settings): void {
  if (tlsverify || allowUnprotectedTcp) return;
  throw new GantryError(
    'forbidden',
    'host-insecure',
    `cannot listen at ${host}: whoever reaches it commands this machine; use --tlsverify, a loopback address or a unix socket, or say --allow-unprotected-tcp`,
    { subject: { host } },
  );
}

/**
 * Has `server` listen at `place` and answers where that is, as clients spell it. A socket that a dead daemon left
 * is replaced.
 *
 * @throws conflict `host-in-use`; `errno-…`
 */
export async function listen(server: Server, place: Place): Promise<string> {
  if ('passed' in place) {
    await begin(server, { fd: place.fd }, `fd://${place.fd}`);
    return `fd://${place.fd}`;
  }
  if (place.type === 'unix') {
    await listenOnSocket(server, place);
    return `unix://${place.path}`;
  }
  const { address, port } = place;
  const shown = (actual: number) => `tcp://${address.includes(':') ? `[${address}]` : address}:${actual}`;
  await begin(server, { port, ...(address !== '' && { host: address }) }, shown(port));
  const bound = server.address();
  return shown(typeof bound === 'object' && bound !== null ? bound.port : port);
}

async function listenOnSocket(
  server: Server,
  { path: socket, group }: { path: string; group: number | undefined },
): Promise<void> {
  if (await isLive(socket)) throw inUse(`unix://${socket}`);
  try {
    await mkdir(path.dirname(socket), { recursive: true });
    await unlink(socket).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
  } catch (error) {
    throw fromErrno(error, `listen at unix://${socket}`, { socket });
  }
  // The socket is made within this call: nobody else gets to it before it has its group and mode.
  const before = process.umask(0o777);
  const begun = begin(server, { path: socket }, `unix://${socket}`);
  process.umask(before);
  await begun;
  try {
    if (group !== undefined) await chown(socket, -1, group);
    await chmod(socket, socketMode);
  } catch (error) {
    throw fromErrno(error, `give the socket ${socket} to its group`, { socket, group: group ?? -1 });
  }
}

/** @throws conflict `host-in-use`; `errno-…` */
async function begin(server: Server, options: ListenOptions & { fd?: number }, shown: string): Promise<void> {
  const listening = once(server, 'listening');
  try {
    server.listen(options);
    await listening;
  } catch (error) {
    listening.catch(() => undefined);
    if (errnoOf(error) === 'EADDRINUSE') throw inUse(shown, error);
    throw fromErrno(error, `listen at ${shown}`, { host: shown });
  }
}

function inUse(host: string, cause?: unknown): GantryError {
  return new GantryError(
    'conflict',
    'host-in-use',
    `cannot listen at ${host}: another daemon answers there; stop it or give another --host`,
    { subject: { host }, cause },
  );
}

/** Whether anything answers at the socket. */
export async function isLive(socket: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const connection = connect(socket);
  connection.once('connect', () => {
    resolve(true);
  });
  connection.once('error', () => {
    resolve(false);
  });
  const live = await promise;
  connection.destroy();
  return live;
}
