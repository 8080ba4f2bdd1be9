import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a server was asked. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** An HTTP server of one test. Disposing it cuts its connections. */
export interface Loopback extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly seen: Seen[];
}

/**
 * A server on loopback that answers what `answer` writes; a request that it leaves open stays open. The body of a
 * request is read first, unless `raw`.
 */
export async function openLoopback(
  answer: (request: Seen & { raw: IncomingMessage }, response: ServerResponse) => void | Promise<void>,
  { raw = false }: { raw?: boolean } = {},
): Promise<Loopback> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const work = async (): Promise<void> => {
      const body = raw ? Buffer.alloc(0) : await buffer(request);
      const { method = '', url = '', headers } = request;
      const entry = { method, path: url, headers, body };
      seen.push(entry);
      await answer({ ...entry, raw: request }, response);
    };
    work().catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with a document. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
