import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

/** How long a client may take no bytes of an answer, in milliseconds. */
const stalled = 120_000;

/** A value as JSON, with its length: a HEAD must tell it too. */
export function json(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  const body = Buffer.from(JSON.stringify(value));
  return {
    status,
    headers: { 'content-type': 'application/json', 'content-length': body.length, ...headers },
    body,
  };
}

/** An answer of headers only. */
export function empty(status: number, headers: OutgoingHttpHeaders = {}): Answer {
  // Without a length Node would send chunks, which some clients take for a body. 204 and 304 have none (RFC 9110, 8.6).
  return {
    status,
    headers: status === 204 || status === 304 ? headers : { 'content-length': 0, ...headers },
  };
}

/**
 * Sends an answer; to a HEAD without its body. Resolves when all was handed to the kernel.
 *
 * @throws the body's error, or the stream's when the client went
 */
export async function send(
  response: ServerResponse,
  { status, headers = {}, body }: Answer,
  { head }: { head: boolean },
): Promise<void> {
  response.writeHead(status, headers);
  if (head || body === undefined || body instanceof Uint8Array) {
    response.end(head ? undefined : body);
    return;
  }
  response.setTimeout(stalled);
  // Bytes as one object at a time: the blob's own chunks are passed on as they are.
  await pipeline(Readable.from(body, { objectMode: true, highWaterMark: 1 }), response);
}
