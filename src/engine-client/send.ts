import type { ClientRequest, IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { toError } from '#errors';
import { type Asked, connectionError } from './failures.ts';

/** The head of an answer, and its body as it comes. */
export interface Received {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingMessage['headers'];
  /** Must be read to its end, or returned early, which closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends the request with its body and resolves at the head of the answer, which may come while the body is still
 * being sent.
 *
 * The promise and the answer's body fail with the reason of `signal` when that made the request end, with what
 * `body` threw when that did, and otherwise with unavailable `daemon-unreachable` or `daemon-connection`, or
 * forbidden `daemon-forbidden`.
 */
export async function send(
  request: ClientRequest,
  asked: Asked,
  { body, signal }: { body: string | AsyncIterable<Uint8Array> | undefined; signal: AbortSignal | undefined },
): Promise<Received> {
  let fault: Error | undefined;
  const explain = (error: unknown): unknown => {
    if (signal?.aborted === true) return signal.reason;
    return fault ?? connectionError(asked, error);
  };
  const watched = async function* (chunks: AsyncIterable<Uint8Array>) {
    try {
      yield* chunks;
    } catch (error) {
      fault = toError(error);
      throw error;
    }
  };
  const head = Promise.withResolvers<IncomingMessage>();
  request.once('response', head.resolve);
  // Stays for good: what breaks after the head of the answer is told by the answer's body.
  request.on('error', head.reject);
  if (body === undefined || typeof body === 'string') request.end(body);
  else {
    pipeline(Readable.from(watched(body)), request, (error) => {
      if (error) head.reject(error);
    });
  }
  try {
    const response = await head.promise;
    return {
      status: response.statusCode ?? 0,
      reason: response.statusMessage ?? '',
      headers: response.headers,
      body: read(response, explain),
    };
  } catch (error) {
    throw explain(error);
  }
}

async function* read(
  response: IncomingMessage,
  explain: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    yield* response as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw explain(error);
  }
}
