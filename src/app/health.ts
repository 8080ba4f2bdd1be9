import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { fromErrno } from '#errors';
import type { Metrics } from './metrics.ts';

export interface HealthOptions {
  readonly metrics: Metrics;
  /** Undefined when the daemon can serve, or why it cannot. */
  readonly notReady: () => Promise<string | undefined>;
}

/** Who opens a connection and says nothing for this long is let go, in milliseconds. */
const patience = 10_000;

/** Serves `/metrics`, `/livez` and `/readyz`, and nothing else, at an address of its own. Disposing closes it. */
export interface HealthServer extends AsyncDisposable {
  /** `http://127.0.0.1:9323`. */
  readonly url: string;
}

/**
 * Opens it at `address:port`; without an address it listens at all of the machine's.
 *
 * @throws `errno-…`
 */
export async function openHealthServer(place: string, options: HealthOptions): Promise<HealthServer> {
  const [, address = '', digits = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(place) ?? [];
  const server = createServer(
    { headersTimeout: patience, requestTimeout: patience, keepAliveTimeout: patience },
    (request, response) => {
      answer(options, `${request.method ?? ''} ${request.url ?? ''}`, response).catch((error: unknown) => {
        response.destroy(error as Error);
      });
    },
  );
  await listenAt(server, { address, port: Number(digits) });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : Number(digits);
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listenAt(server: Server, { address, port }: { address: string; port: number }): Promise<void> {
  try {
    const listening = once(server, 'listening');
    server.listen({ port, ...(address !== '' && { host: address }) });
    await listening;
  } catch (error) {
    throw fromErrno(error, `listen at ${address}:${port} for metrics`, { address, port });
  }
}

async function answer(
  { metrics, notReady }: HealthOptions,
  asked: string,
  response: ServerResponse,
): Promise<void> {
  const plain = (status: number, text: string) =>
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  switch (asked.replace(/^HEAD /, 'GET ').replace(/\?.*$/s, '')) {
    case 'GET /livez':
      plain(200, 'ok');
      return;
    case 'GET /readyz': {
      const reason = await notReady();
      plain(reason === undefined ? 200 : 503, reason ?? 'ok');
      return;
    }
    case 'GET /metrics': {
      const { type, text } = await metrics.expose();
      response.writeHead(200, { 'Content-Type': type }).end(text);
      return;
    }
    default:
      plain(404, 'there are /metrics, /livez and /readyz');
  }
}
