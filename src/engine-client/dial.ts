import { once } from 'node:events';
import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { GantryError, toError } from '#errors';
import { parseDaemonHost } from './host.ts';
import { certificatesOf, type TlsOptions } from './transport.ts';

/**
 * A bare connection to the daemon, for whoever speaks over it by other means.
 *
 * @throws invalid-argument `daemon-host`; unavailable `daemon-dial`
 */
export async function dialDaemon(host: string, options?: TlsOptions): Promise<Duplex> {
  const place = parseDaemonHost(host, { tls: options !== undefined });
  const address = place.type === 'unix' ? { path: place.path } : { host: place.hostname, port: place.port };
  const secure = place.type === 'tcp' && place.secure;
  const connection = secure
    ? tls.connect({ ...address, ...certificatesOf(options) })
    : // Half open: the side that has asked may end while the daemon still answers.
      net.connect({ ...address, allowHalfOpen: true });
  try {
    await once(connection, secure ? 'secureConnect' : 'connect');
  } catch (error) {
    throw new GantryError(
      'unavailable',
      'daemon-dial',
      `failed to open the raw stream connection: dial ${host}: ${toError(error).message}`,
      { subject: { host }, cause: error },
    );
  }
  return connection;
}
