import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions as SecureServerOptions } from 'node:https';
import { findError, GantryError } from '#errors';
import { currentApiVersion } from '#wire';
import { type Answer, empty, failure, json, send } from './answer.ts';
import type { Daemon } from './daemon.ts';
import { createExchange } from './exchange.ts';
import { negotiate, splitVersion } from './negotiation.ts';
import { createRouter, type Match } from './router.ts';
import { routes } from './routes.ts';

export interface ApiServerOptions extends Daemon {
  /** Called with what made an answer of 500, a fault or a failing disk, or broke an answer under way. */
  readonly onFailure?: (error: unknown, request: { method: string; path: string }) => void;
  /** Called for each request, and calls `serve`, which resolves when all of it is over, whether or not its client is there. */
  readonly around?: (exchange: RawExchange, serve: () => Promise<void>) => Promise<void>;
  /** Makes it a server of TLS. */
  readonly tls?: SecureServerOptions;
}

/** A request and its answer, before and behind all that this module does with them. */
export interface RawExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Docker's clients send credentials of many kB in headers; Go's server takes 1 MiB. */
const maxHeaderSize = 1024 * 1024;

/** Who opens a connection and says nothing for this long is let go, in milliseconds. */
const headersTimeout = 60_000;

const findRoute = createRouter(routes);

/**
 * The Docker Engine API (moby 28.2, API 1.50) over an engine. It is on no socket yet: `listen` it, or hand it a
 * connection with `emit('connection', duplex)`. Closing it leaves the engine open.
 *
 * It has no `upgrade` listener while no route takes over its connection, so that a request to upgrade is
 * answered like any other.
 */
export function createApiServer(options: ApiServerOptions): Server {
  const { around = alone, tls } = options;
  const http = {
    maxHeaderSize,
    headersTimeout,
    // A load or an import takes as long as its client needs.
    requestTimeout: 0,
    // Docker's clients keep connections for their next request, and some requests they will not send twice.
    keepAliveTimeout: 0,
    keepAlive: true,
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void around({ request, response }, () => serve(options, request, response));
  };
  return tls === undefined ? createServer(http, listener) : createSecureServer({ ...http, ...tls }, listener);
}

const alone: NonNullable<ApiServerOptions['around']> = (_exchange, serve) => serve();

async function serve(
  options: ApiServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  // A client that sends all before it reads would wait for ever with a body that nobody wanted to its end.
  response.once('finish', () => request.resume());
  const { method = '', url = '' } = request;
  const [target = '', query = ''] = url.split(/\?(.*)/s);
  const { version, path } = splitVersion(target);
  try {
    const match = method === 'OPTIONS' ? anyPath : findRoute(method, path);
    const answer =
      match === undefined
        ? pageNotFound
        : await handle(options, match, { request, response, version, query, signal: gone.signal });
    await send(response, answer, gone.signal);
  } catch (error) {
    // Whatever failed because the client left has nobody left to tell.
    if (gone.signal.aborted || request.socket.destroyed) return;
    const asText = findError(error, { code: 'api-version-old' }) !== undefined;
    const answer = failure(error, { asText });
    if (answer.status === 500 || response.headersSent) options.onFailure?.(error, { method, path });
    // An answer that has begun cannot be taken back: a broken connection tells the client.
    if (response.headersSent) response.destroy();
    else await send(response, answer, gone.signal);
  }
}

const anyPath: Match = { handle: () => empty(200), name: '' };

/** moby's router gives this one before it looks at versions, without their headers. */
const pageNotFound: Answer = json({ message: 'page not found' }, 404);

interface Found {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly version: string | undefined;
  readonly query: string;
  readonly signal: AbortSignal;
}

async function handle(options: ApiServerOptions, match: Match, found: Found): Promise<Answer> {
  const { request, response, signal } = found;
  response.setHeader('Api-Version', currentApiVersion);
  response.setHeader('Ostype', 'linux');
  response.setHeader('Server', `Gantry/${options.facts.version} (linux)`);
  const version = negotiate(found.version);
  response.setHeader('Docker-Experimental', 'false');
  const query = new URLSearchParams(found.query);
  return match.handle(
    createExchange(request, { version, name: decodeName(match.name), query, signal }),
    options,
  );
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    const message = `"${name}" in the path is not percent-encoded text`;
    throw new GantryError('invalid-argument', 'path-invalid', message, { cause: error });
  }
}
