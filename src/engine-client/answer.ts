import type { IncomingHttpHeaders } from 'node:http';
import { GantryError } from '#errors';
import { type ProgressMessage, readJsonLines } from '#wire';
import type { Received } from './send.ts';

/** The largest body that is taken as one value: far above any list of images. */
const maxJsonBytes = 256 * 1024 * 1024;

/** What a daemon answered. Its body must be read, in one of these ways, or disposed of by aborting the request. */
export interface EngineAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Uint8Array>;

  /** The whole body as JSON; undefined when it is empty. @throws corrupt `daemon-json`, `daemon-body-size` */
  json(): Promise<unknown>;

  /** The body's JSON values, one a line, as they come (events). @throws corrupt `json-lines` */
  lines(): AsyncIterable<unknown>;

  /**
   * The body's progress messages as they come. A message that is an error is thrown, and is the last.
   *
   * @throws internal `daemon-stream-error` with the daemon's sentence; corrupt `json-lines`
   */
  messages(): AsyncIterable<ProgressMessage>;
}

export function createAnswer({ status, headers, body }: Received): EngineAnswer {
  return {
    status,
    headers,
    body,
    json: async () => {
      const text = await readText(body, maxJsonBytes);
      if (text.trim() === '') return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new GantryError('corrupt', 'daemon-json', 'the daemon answered what is not JSON', {
          cause: error,
        });
      }
    },
    lines: () => readJsonLines(body),
    messages: () => readMessages(body),
  };
}

/**
 * The body as text.
 *
 * @throws corrupt `daemon-body-size` beyond `maxBytes`
 */
export async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new GantryError('corrupt', 'daemon-body-size', `the daemon answered more than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function* readMessages(body: AsyncIterable<Uint8Array>): AsyncGenerator<ProgressMessage> {
  for await (const line of readJsonLines(body)) {
    if (typeof line !== 'object' || line === null) {
      throw new GantryError('corrupt', 'json-lines', 'the daemon sent a line of progress that is no object');
    }
    const message: ProgressMessage = line;
    const failure = message.errorDetail?.message ?? message.error;
    if (failure !== undefined) throw new GantryError('internal', 'daemon-stream-error', failure);
    yield message;
  }
}
