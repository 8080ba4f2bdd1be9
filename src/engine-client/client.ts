import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { findError } from '#errors';
import {
  type ApiVersion,
  compareApiVersions,
  currentApiVersion,
  oldestApiVersion,
  parseApiVersion,
} from '#wire';
import { createAnswer, type EngineAnswer, readText } from './answer.ts';
import { answerError, type Asked } from './failures.ts';
import { parseDaemonHost } from './host.ts';
import { send } from './send.ts';
import { connectionTransport, socketTransport, type TlsOptions, type Transport } from './transport.ts';

export interface EngineClientOptions {
  /** `unix:///path`, `tcp://host:port`, `http://` or `https://`; with `connect`, only a name for messages. */
  readonly host: string;
  /** Makes `tcp` hosts TLS ones. */
  readonly tls?: TlsOptions;
  /** Makes the connections itself: for an API server in this process. */
  readonly connect?: () => Duplex;
  /** Speaks this version instead of the newest that both sides know. */
  readonly apiVersion?: string;
  readonly userAgent?: string;
  /** Ends the opening. */
  readonly signal?: AbortSignal;
}

export interface EngineRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without the version, as plain text: `/images/a/b:1/json`. */
  readonly path: string;
  /** Undefined values are left out, lists repeated. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A body of JSON. */
  readonly json?: unknown;
  /** A body of bytes, of the type `application/x-tar` unless `headers` say another. */
  readonly body?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** A daemon that speaks the Docker Engine API. */
export interface EngineClient extends AsyncDisposable {
  readonly host: string;
  /** The version in use. */
  readonly apiVersion: ApiVersion;
  /** What the daemon said of itself: `Api-Version`, `Ostype`, `Builder-Version` and others. */
  readonly serverHeaders: IncomingHttpHeaders;

  /**
   * Asks the daemon; resolves at the head of a good answer.
   *
   * @throws by status what fits (`not-found`, `conflict`, ...) as `daemon-error` with the daemon's sentence;
   *   unavailable `daemon-unreachable`, `daemon-connection`; forbidden `daemon-forbidden`; the reason of `signal`;
   *   what `body` throws
   */
  request(request: EngineRequest): Promise<EngineAnswer>;
}

/** Errors carry a sentence; the most of one that is read, in bytes. */
const maxErrorBytes = 1024 * 1024;

/**
 * Opens a client: finds the daemon and agrees with it on the version of the API. Disposing it closes idle
 * connections.
 *
 * @throws invalid-argument `daemon-host`, `api-version`; otherwise as `EngineClient.request`
 */
export async function openEngineClient(options: EngineClientOptions): Promise<EngineClient> {
  const { host, tls, connect, userAgent = 'Gantry-Client', signal } = options;
  const transport =
    connect === undefined
      ? socketTransport(parseDaemonHost(host, { tls: tls !== undefined }), tls)
      : connectionTransport(connect);
  const ask = (request: EngineRequest, target: string) =>
    exchange(transport, request, { host, path: target, userAgent });
  const serverHeaders = await ping(ask, signal);
  const apiVersion =
    options.apiVersion === undefined ? commonVersion(serverHeaders) : parseApiVersion(options.apiVersion);
  return {
    host,
    apiVersion,
    serverHeaders,
    request: (request) =>
      ask(request, `/v${apiVersion}${encodePath(request.path)}${encodeQuery(request.query)}`),
    [Symbol.asyncDispose]: async () => {
      transport.close();
    },
  };
}

/** Sends one request; an answer of 400 or above is thrown. */
async function exchange(
  transport: Transport,
  { method, headers = {}, json, body, signal }: EngineRequest,
  { userAgent, ...asked }: Omit<Asked, 'method'> & { userAgent: string },
): Promise<EngineAnswer> {
  const type = json === undefined ? 'application/x-tar' : 'application/json';
  const hasBody = json !== undefined || body !== undefined;
  const started = transport.start({
    method,
    path: asked.path,
    headers: { 'User-Agent': userAgent, ...(hasBody ? { 'Content-Type': type } : {}), ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
  const sent = json === undefined ? body : JSON.stringify(json);
  const received = await send(started, { ...asked, method }, { body: sent, signal });
  if (received.status < 400) return createAnswer(received);
  const text = await readText(received.body, maxErrorBytes);
  throw answerError({ ...asked, method }, { ...received, body: text });
}

/** HEAD, or GET where a daemon or a proxy does not know HEAD (docker client/ping.go). */
async function ping(
  ask: (request: EngineRequest, target: string) => Promise<EngineAnswer>,
  signal: AbortSignal | undefined,
): Promise<IncomingHttpHeaders> {
  const path = '/_ping';
  const attempt = async (method: 'HEAD' | 'GET') => {
    const { headers, body } = await ask({ method, path, ...(signal === undefined ? {} : { signal }) }, path);
    await readText(body, maxErrorBytes);
    return headers;
  };
  try {
    return await attempt('HEAD');
  } catch (error) {
    if (findError(error, { code: 'daemon-error' }) === undefined) throw error;
    return attempt('GET');
  }
}

/** The newest version that both sides know. A daemon that names none is from before there were any. */
function commonVersion({ 'api-version': header }: IncomingHttpHeaders): ApiVersion {
  const theirs = typeof header === 'string' ? parseApiVersion(header) : oldestApiVersion;
  return compareApiVersions(theirs, currentApiVersion) < 0 ? theirs : currentApiVersion;
}

/** `path` on the wire: its slashes, and the colons and at signs of references, stay. */
function encodePath(path: string): string {
  return path.split('/').map(encodeSegment).join('/');
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%3A', ':').replaceAll('%40', '@');
}

function encodeQuery(query: EngineRequest['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === 'object') for (const each of value) parameters.append(key, each);
    else parameters.append(key, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}
