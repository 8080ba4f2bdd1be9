import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { test } from 'node:test';
import { rawExchange } from '../support/raw-exchange.ts';

/** A request, what goes with it, and what answers it: a body as text, or a pattern that is found in it. */
export type Row = readonly [
  line: string,
  status: number,
  body: string | RegExp,
  ask?: NonNullable<Parameters<typeof rawExchange>[2]>,
];

/** One test a row, in their order: a row may stand on what an earlier one has done. */
export function testRows(server: Server, rows: readonly Row[]): void {
  for (const [line, status, body, ask = {}] of rows) {
    test(`${line} is answered ${status} ${String(body).slice(0, 60).trim()}`, async () => {
      const encoded = line.replace(/\?.*$/s, (query) => encodeURI(query).replaceAll('%25', '%'));
      const answer = await rawExchange(server, encoded, ask);
      assert.equal(answer.status, status, answer.text);
      if (typeof body === 'string') assert.equal(answer.text, body);
      else assert.match(answer.text, body);
      const isError = status >= 400 && !answer.text.startsWith('client version');
      // Clients compare the header as a whole.
      if (isError) assert.equal(answer.headers['content-type'], 'application/json');
    });
  }
}

/** The body of an error. */
export function message(text: string): string {
  return `${JSON.stringify({ message: text })}\n`;
}

/** A JSON body. */
export function asJson(body: string): { headers: Record<string, string>; body: string } {
  return { headers: { 'Content-Type': 'application/json' }, body };
}

/** The header of a client that has no credentials. */
export const anonymous = { headers: { 'X-Registry-Auth': 'e30=' } };
