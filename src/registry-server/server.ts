import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { registryError, type ServedRegistry } from '#registry';
import { authorize, challenge, type Access } from './access.ts';
import { send, type Answer } from './answer.ts';
import { prefixOf } from './exchange.ts';
import { findRoutes } from './routes.ts';
import { answerError, failure } from './status.ts';

/** What a request says of the registry that it means, and where headers of its answer go (names in lowercase). */
export interface AskedRegistry {
  /** The Host header. */
  readonly host: string | undefined;
  /** The `ns` parameter (distribution-spec, "Registry Proxying"). */
  readonly namespace: string | undefined;
  readonly tell: (headers: Readonly<Record<string, string>>) => void;
}

export interface RegistryServerOptions {
  /** What is served, or what gives it as a request means it. */
  readonly registry: ServedRegistry | ((asked: AskedRegistry) => ServedRegistry);
  readonly access?: Access;
  /** Refuses every change. */
  readonly readOnly?: boolean;
  /** A certificate with its chain and its key, in PEM: then it speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Called with what made an answer of 500 or above, or broke an answer under way. */
  readonly onFailure?: (error: unknown, request: { method: string; path: string }) => void;
}

const options = {
  /** Who opens a connection and sends no request for this long is let go, in milliseconds. */
  headersTimeout: 60_000,
  // A layer takes as long as its client needs; a body that stands still is cut elsewhere.
  requestTimeout: 0,
  /** Longer than clients keep an idle connection (Go: 90 s): it is they who close, never we under their next request. */
  keepAliveTimeout: 120_000,
  keepAlive: true,
};

/**
 * A registry over HTTP: the distribution specification 1.1 and what its next version adds, the catalog, and
 * Docker's search. It is on no socket yet: `listen` it. Closing it leaves the registry open.
 */
export function createRegistryServer(serving: RegistryServerOptions): Server {
  const listener: RequestListener = (request, response) => {
    void serve(serving, request, response);
  };
  return serving.tls === undefined
    ? createServer(options, listener)
    : createTlsServer({ ...options, ...serving.tls }, listener);
}

async function serve(
  serving: RegistryServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const { method = '', url = '' } = request;
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  const head = method === 'HEAD';
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  // What is stored here is foreign, its media type too: no browser shall take it for a page of ours.
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-security-policy', "default-src 'none'; sandbox");
  try {
    const answer = await answerTo(serving, { request, response, path, query, signal: gone.signal });
    await send(response, answer, { head });
  } catch (error) {
    const answer = answerError(error);
    const failed = answer.status >= 500 || response.headersSent;
    if (failed && !gone.signal.aborted) serving.onFailure?.(error, { method, path });
    // An answer that has begun cannot be taken back: a broken connection tells the client.
    if (response.headersSent || gone.signal.aborted) response.destroy();
    else await send(response, challenged(answer), { head }).catch(() => response.destroy());
  }
  if (!request.complete) drain(request);
}

/** How long a client that was answered early may pause in what it still sends, in milliseconds, and how much it may send. */
const draining = 10_000;
const drained = 64 * 1024 * 1024;

/** Takes the rest of a body that nobody wants: closing at once would take the answer from a client that still sends. */
function drain(request: IncomingMessage): void {
  let left = drained;
  request.socket.setTimeout(draining);
  request.on('data', ({ length }: Uint8Array) => {
    left -= length;
    if (left < 0) request.socket.destroy();
  });
}

function challenged(answer: Answer): Answer {
  if (answer.status !== 401) return answer;
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': challenge } };
}

interface Received {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: string;
  readonly signal: AbortSignal;
}

async function answerTo(
  { registry, access = {}, readOnly = false }: RegistryServerOptions,
  { request, response, path, query, signal }: Received,
): Promise<Answer> {
  const decoded = decode(path);
  const found = decoded === undefined ? undefined : findRoutes(decoded);
  if (found === undefined) return failure(404, 'UNSUPPORTED', 'page not found');
  const route = found.methods[request.method ?? ''];
  if (route === undefined) {
    const allow = Object.keys(found.methods).join(', ');
    const refused = failure(405, 'UNSUPPORTED', `the methods here are ${allow}`);
    return { ...refused, headers: { ...refused.headers, allow } };
  }
  await authorize(access, { action: route.action, authorization: request.headers.authorization });
  if (readOnly && route.action === 'push') {
    throw registryError('UNSUPPORTED', 'this registry is read-only');
  }
  const parameters = new URLSearchParams(query);
  const meant = typeof registry === 'function' ? registry(askedBy(request, response, parameters)) : registry;
  return route.handle(
    { request, query: parameters, registry: meant, prefix: prefixOf(request), signal },
    found.names,
  );
}

function askedBy(
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
): AskedRegistry {
  return {
    host: request.headers.host,
    namespace: parameters.get('ns') ?? undefined,
    tell(headers) {
      // The parts of a blob are asked for when the answer has begun; its head was asked before.
      if (response.headersSent) return;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    },
  };
}

/** The path without percent encoding, or undefined when it is no encoded text. */
function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
