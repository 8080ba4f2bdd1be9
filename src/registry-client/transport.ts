import type { Dispatcher } from 'undici';
import { GantryError } from '#errors';
import type { HostCertificates } from './certificates.ts';
import { fromLine } from './unreachable.ts';

/** One HTTP request. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** Names in lowercase. */
  readonly headers: Readonly<Record<string, string>>;
  /** Opened when the request is sent, and again when it is sent again. `content-length` must be among the headers. */
  readonly body?: (() => AsyncIterable<Uint8Array>) | string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One HTTP answer. Its body must be read to the end, returned early, or discarded. */
export interface Answer {
  readonly status: number;
  readonly url: URL;
  /** A header by its lowercase name, the lines of several joined by a comma. */
  header(name: string): string | undefined;
  /** A header's lines. */
  lines(name: string): string[];
  /** Fails as the line does: unavailable `registry-unreachable`. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Reads what little is left, so that the connection can be used again; closes it when it is much. */
  discard(): Promise<void>;
}

/** Requests over pooled connections: no redirects, no authorization, no retries. */
export interface Transport extends AsyncDisposable {
  /** @throws unavailable `registry-unreachable`, `registry-certificate`; corrupt `registry-answer` */
  send(request: Request): Promise<Answer>;
}

export interface TransportOptions {
  /** Sent with each request: `gantry/1.2.3`. */
  readonly userAgent: string;
  /** Asked once for each host and kept. */
  readonly certificates: (host: string) => Promise<HostCertificates>;
  readonly isInsecure: (host: string) => Promise<boolean>;
  readonly proxyFor: (url: URL) => URL | undefined;
}

const connectTimeout = 10_000;
const headersTimeout = 30_000;
const bodyIdleTimeout = 30_000;
/** A registry that has taken a blob of many gigabytes hashes or moves it before it answers. */
const uploadAnswerTimeout = 5 * 60_000;
/** What a connection is worth: above it a new one is cheaper. Bytes, and milliseconds. */
const discardLimit = 64 * 1024;
const discardTimeout = 1000;

/** Opens no connection and loads no client before the first request. Closing it breaks off what is under way. */
export function createTransport(options: TransportOptions): Transport {
  const dispatchers = new Map<string, Promise<Dispatcher>>();

  function dispatcherFor(url: URL): Promise<Dispatcher> {
    const known = dispatchers.get(url.origin);
    if (known !== undefined) return known;
    const made = openDispatcher(url, options);
    dispatchers.set(url.origin, made);
    // Certificates that could not be read may be readable the next time.
    made.catch(() => dispatchers.delete(url.origin));
    return made;
  }

  return {
    async send(request) {
      const { method, url, headers, body, signal } = request;
      signal?.throwIfAborted();
      const dispatcher = await dispatcherFor(url);
      try {
        const response = await dispatcher.request({
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers: { 'user-agent': options.userAgent, 'accept-encoding': 'identity', ...headers },
          // Undici takes any async iterable; its types know only streams.
          body: (typeof body === 'function' ? body() : (body ?? null)) as string | null,
          signal: signal ?? null,
          headersTimeout: typeof body === 'function' ? uploadAnswerTimeout : headersTimeout,
          bodyTimeout: bodyIdleTimeout,
        });
        const answer = toAnswer(response, request);
        await checkEncoding(answer);
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        throw fromLine(error, request);
      }
    },

    async [Symbol.asyncDispose]() {
      const open = await Promise.allSettled(dispatchers.values());
      dispatchers.clear();
      await Promise.all(open.flatMap((made) => (made.status === 'fulfilled' ? [made.value.destroy()] : [])));
    },
  };
}

async function openDispatcher(url: URL, options: TransportOptions): Promise<Dispatcher> {
  // Loading it takes 100 ms, which a command that asks no registry should not pay.
  const { Agent, ProxyAgent } = await import('undici');
  const [certificates, insecure] = await Promise.all([
    options.certificates(url.host),
    options.isInsecure(url.host),
  ]);
  const tls = { ...certificates, rejectUnauthorized: !insecure, timeout: connectTimeout };
  const proxy = options.proxyFor(url);
  if (proxy === undefined) return new Agent({ connect: tls });
  return new ProxyAgent({
    uri: proxy.href,
    requestTls: tls,
    proxyTls: { timeout: connectTimeout },
    // Plain requests are forwarded, as proxies expect; only TLS is tunnelled.
    proxyTunnel: url.protocol === 'https:',
  });
}

function toAnswer({ statusCode, headers, body }: Dispatcher.ResponseData, request: Request): Answer {
  const lines = (name: string): string[] => [headers[name] ?? []].flat();
  return {
    status: statusCode,
    url: request.url,
    header: (name) => (headers[name] === undefined ? undefined : lines(name).join(', ')),
    lines,
    body: readBody(body, request),
    async discard() {
      try {
        await body.dump({ limit: discardLimit, signal: AbortSignal.timeout(discardTimeout) });
      } catch {
        // What is thrown away may be broken, or never come.
      }
    },
  };
}

/** @throws corrupt `registry-answer` when the content is encoded, which changes its digest */
async function checkEncoding(answer: Answer): Promise<void> {
  const encoding = answer.header('content-encoding') ?? 'identity';
  if (encoding === 'identity') return;
  await answer.discard();
  throw new GantryError(
    'corrupt',
    'registry-answer',
    `${answer.url.host} sends content in the encoding ${encoding}, which was not asked for and changes digests`,
    { subject: { registry: answer.url.host, status: answer.status, encoding } },
  );
}

async function* readBody(body: AsyncIterable<Uint8Array>, request: Request): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    request.signal?.throwIfAborted();
    throw fromLine(error, request);
  }
}
