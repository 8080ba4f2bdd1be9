import { once } from 'node:events';
import { chmod, mkdir, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { errnoOf, fromErrno, GantryError } from '#errors';

/** Who may use the daemon may do what root can: nobody but the owner and the group. */
const socketMode = 0o660;

/**
 * Has `server` listen at `host`: `unix:///path` or `tcp://address:port`. A socket that a dead daemon left is
 * replaced.
 *
 * @throws invalid-argument `host-invalid`; forbidden `host-insecure` for TCP that others can reach; conflict
 *   `host-in-use`
 */
export async function listen(server: Server, host: string): Promise<void> {
  const [, scheme = '', rest = ''] = /^(unix|tcp):\/\/(.+)$/.exec(host) ?? [];
  if (scheme === 'unix') await listenOnSocket(server, rest);
  else if (scheme === 'tcp') await listenOnTcp(server, host);
  else {
    throw new GantryError(
      'invalid-argument',
      'host-invalid',
      `cannot listen at "${host}": give unix:///path or tcp://address:port`,
      { subject: { host } },
    );
  }
}

async function listenOnSocket(server: Server, socket: string): Promise<void> {
  if (await isLive(socket)) {
    throw new GantryError(
      'conflict',
      'host-in-use',
      `cannot listen at unix://${socket}: another daemon answers there; stop it or give another --host`,
      { subject: { socket } },
    );
  }
  try {
    await mkdir(path.dirname(socket), { recursive: true });
    await unlink(socket).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
    server.listen(socket);
    await once(server, 'listening');
    await chmod(socket, socketMode);
  } catch (error) {
    throw fromErrno(error, `listen at unix://${socket}`, { socket });
  }
}

async function listenOnTcp(server: Server, host: string): Promise<void> {
  const url = URL.parse(host.replace(/^tcp:/, 'http:'));
  const address = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (!/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(address)) {
    throw new GantryError(
      'forbidden',
      'host-insecure',
      `cannot listen at ${host}: whoever reaches it commands this machine; give a loopback address or a unix socket`,
      { subject: { host } },
    );
  }
  try {
    server.listen(Number(url?.port === '' ? 2375 : url?.port), address);
    await once(server, 'listening');
  } catch (error) {
    throw fromErrno(error, `listen at ${host}`, { host });
  }
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
