import type { Server as HttpServer } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiServerOptions, createApiServer } from '#engine-api';
import { listen, type Place } from './listen.ts';
import type { ServerTls } from './tls.ts';

/** The Engine API at all of a daemon's addresses. */
export interface ApiListeners {
  /** Where they are, as clients spell it. */
  readonly addresses: readonly string[];
  /** From now on, new connections get these certificates. */
  renew(tls: ServerTls): void;
  /**
   * Takes no more connections, lets short requests end, and breaks what is left: work under way is told to stop,
   * and keeps what it has fetched. Resolves when `idle` does. Called again it does nothing.
   */
  close(idle: () => Promise<void>): Promise<void>;
}

export interface ApiListenersOptions extends Omit<ApiServerOptions, 'tls'> {
  /** For TCP addresses that want it. */
  readonly tls: ServerTls | undefined;
  /** Called with why a client was let go before it could ask anything. */
  readonly onRefused: (error: Error, address: string | undefined) => void;
}

/** Milliseconds for which requests may go on after the end was asked for: a list takes less, a pull far longer. */
const grace = 1000;

/**
 * Opens the API at each place; when one cannot be opened, those before it are closed again.
 *
 * @throws what `listen` throws
 */
export async function openApiListeners(
  places: readonly Place[],
  { tls, onRefused, ...options }: ApiListenersOptions,
): Promise<ApiListeners> {
  const servers: HttpServer[] = [];
  const addresses: string[] = [];
  try {
    for (const place of places) {
      const isSecure = 'secure' in place && place.secure && tls !== undefined;
      const server = createApiServer({ ...options, ...(isSecure && { tls }) });
      server.on('tlsClientError', (error: Error, { remoteAddress }: Socket) => {
        onRefused(error, remoteAddress);
      });
      servers.push(server);
      addresses.push(await listen(server, place));
    }
  } catch (error) {
    await closeAll(servers, async () => undefined);
    throw error;
  }
  return {
    addresses,
    renew: (next) => {
      for (const server of servers) if (server instanceof SecureServer) server.setSecureContext(next);
    },
    close: (idle) => closeAll(servers.splice(0), idle),
  };
}

async function closeAll(servers: readonly HttpServer[], idle: () => Promise<void>): Promise<void> {
  const closed = servers.filter((server) => server.listening).map(closeServer);
  // Nothing waits for the timer when the requests were faster.
  await Promise.race([idle(), delay(grace, undefined, { ref: false })]);
  for (const server of servers) server.closeAllConnections();
  await Promise.all([...closed, idle()]);
}

function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
