import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findError } from '#errors';
import { encodeProgress, readJsonLines } from './index.ts';

async function* chunks(...texts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

test('lines are read however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: 'grapheme' }).map((status) => ({ status })),
        { maxLength: 8 },
      ),
      fc.array(fc.nat(200), { maxLength: 8 }),
      async (messages, cuts) => {
        const bytes = Buffer.from(messages.map(encodeProgress).join(''));
        const edges = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        assert.deepEqual(await Array.fromAsync(readJsonLines(chunks(...pieces))), messages);
      },
    ),
    { numRuns: 200 },
  );
});

test('a last line without a line feed counts and blank lines do not', async () => {
  assert.deepEqual(await Array.fromAsync(readJsonLines(chunks('\r\n{"a":1}\n\n', '[2]'))), [{ a: 1 }, [2]]);
});

test('what is not JSON and what has no end are refused', async () => {
  const corrupt = (error: unknown) => findError(error, { code: 'json-lines' }) !== undefined;
  await assert.rejects(Array.fromAsync(readJsonLines(chunks('{"a":1}\n<html>\n'))), corrupt);
  const endless = async function* () {
    for (;;) yield new Uint8Array(1024 * 1024).fill(0x20);
  };
  await assert.rejects(Array.fromAsync(readJsonLines(endless())), corrupt);
});
