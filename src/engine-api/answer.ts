import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { encodeJson, type ErrorBody } from '#wire';
import { describeError } from './status.ts';

/** What a handler answers. Nothing is on the wire yet, so until the first byte of its body it can still fail. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** All of it, or a stream: an error before its first chunk becomes an error answer, a later one breaks the connection. */
  readonly body: string | AsyncIterable<Uint8Array | string>;
  /** Whether a stream's headers are sent before its first chunk is there. */
  readonly headersFirst?: boolean;
}

/** Clients compare this header as a whole: no charset may follow. */
const jsonType = 'application/json';

/** An answer without a body. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: '' };
}

/** `body` as JSON and a line feed. */
export function json(body: unknown, status = 200): Answer & { readonly body: string } {
  return { status, headers: { 'Content-Type': jsonType }, body: encodeJson(body) };
}

/** A body that comes bit by bit. */
export function stream(
  type: string,
  body: AsyncIterable<Uint8Array | string>,
  { headersFirst = false }: { headersFirst?: boolean } = {},
): Answer {
  return { status: 200, headers: { 'Content-Type': type }, body, headersFirst };
}

/** The answer for whatever was thrown. `asText` is for clients older than API 1.24, which know no JSON errors. */
export function failure(thrown: unknown, { asText = false }: { asText?: boolean } = {}): Answer {
  const { status, message } = describeError(thrown);
  if (!asText) return json({ message } satisfies ErrorBody, status);
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
    body: `${message}\n`,
  };
}

/**
 * Writes `answer`, as fast as the client reads it.
 *
 * @throws what a stream threw: before its first chunk nothing was sent, and another answer may follow; after it
 *   (`response.headersSent`) the connection can only be broken
 */
export async function send(response: ServerResponse, answer: Answer, signal: AbortSignal): Promise<void> {
  const { status, headers, body } = answer;
  if (typeof body === 'string') {
    // 204 and 304 have no body and no length (RFC 9110 section 8.6).
    const length = status === 204 || status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body) };
    response.writeHead(status, { ...headers, ...length });
    response.end(body);
    return;
  }
  if (answer.headersFirst === true) {
    response.writeHead(status, headers);
    response.flushHeaders();
  }
  for await (const chunk of body) {
    if (!response.headersSent) response.writeHead(status, headers);
    if (!response.write(chunk)) await once(response, 'drain', { signal });
    // A client that went away reads no more: whoever makes the chunks is told by the end of this loop.
    signal.throwIfAborted();
  }
  if (!response.headersSent) response.writeHead(status, headers);
  response.end();
}
