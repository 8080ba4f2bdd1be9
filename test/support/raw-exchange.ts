import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import { test } from 'node:test';
import { connectLocally } from '#engine-api';

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The lines of a stream of JSON, parsed. */
  readonly lines: readonly unknown[];
}

interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Asks `server` over a connection inside this process; `line` is method and target: `GET /_ping`. */
export async function rawExchange(
  server: Server,
  line: string,
  { headers = {}, body }: Ask = {},
): Promise<RawAnswer> {
  const [method = '', target = ''] = line.split(/ (.*)/s);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const sent = request(
    {
      method,
      path: target,
      headers: { Connection: 'close', ...headers },
      createConnection: () => connectLocally(server),
    },
    (response) => {
      Array.fromAsync(response as AsyncIterable<Buffer>).then((chunks) => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          get lines() {
            return text
              .split('\n')
              .flatMap((each) => (each.trim() === '' ? [] : [JSON.parse(each) as unknown]));
          },
        });
      }, reject);
    },
  );
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

/**
 * A test for each row: a request, what goes with it, and the status and body that answer it. Queries are written
 * plainly and encoded here.
 */
export function testExchanges(
  server: Server,
  rows: readonly (readonly [line: string, more: Ask, status: number, body: string])[],
): void {
  for (const [line, more, status, body] of rows) {
    test(`${line} ${JSON.stringify(more)} is answered ${status}`, async () => {
      const encoded = line.replace(/\?.*$/s, (query) => encodeURI(query).replaceAll('%25', '%'));
      const answer = await rawExchange(server, encoded, more);
      assert.deepEqual([answer.status, answer.text], [status, body]);
      const length = answer.headers['content-length'];
      if (!line.startsWith('HEAD') && length !== undefined)
        assert.equal(length, String(Buffer.byteLength(body)));
    });
  }
}
