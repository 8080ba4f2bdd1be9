import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type ApiVersion, compareApiVersions, parseApiVersion } from '#wire';
import { bodyOf, readForm, readJson } from './body.ts';

/** One request, as handlers see it. */
export interface Exchange {
  /** The API version that the client asked for, or the newest. */
  readonly version: ApiVersion;
  /** What `{name}` of the route's path stood for, decoded; empty where the path has none. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came, for handlers that take bytes; they read neither `form` nor `json`. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborts when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;

  /** The query's parameters, and before them those of a form in the body. */
  form(): Promise<URLSearchParams>;

  /** The body as JSON. @throws invalid-argument `content-type`, `body-json`, `body-too-large` */
  json(options?: { anyType?: boolean }): Promise<unknown>;

  /** Whether the client asked for this version of the API or a newer one. */
  readonly speaks: (version: string) => boolean;
}

export function createExchange(
  request: IncomingMessage,
  { version, name, query, signal }: Pick<Exchange, 'version' | 'name' | 'query' | 'signal'>,
): Exchange {
  return {
    version,
    name,
    query,
    headers: request.headers,
    body: bodyOf(request),
    signal,
    form: async () => new URLSearchParams([...(await readForm(request)), ...query]),
    json: (options) => readJson(request, options),
    speaks: (wanted) => compareApiVersions(version, parseApiVersion(wanted)) >= 0,
  };
}
