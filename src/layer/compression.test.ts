import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { decompress } from './decompress.ts';
import { gzip } from './gzip.ts';

const text = Buffer.from('a layer, '.repeat(100_000));

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(source));
}

for (const [name, stored] of [
  ['gzip', zlib.gzipSync(text)],
  [
    'gzip of two members',
    Buffer.concat([zlib.gzipSync(text.subarray(0, 9)), zlib.gzipSync(text.subarray(9))]),
  ],
  ['zstd', zlib.zstdCompressSync(text)],
  ['no compression', text],
] as const) {
  test(`${name} is found by content, however the stream is cut`, async () => {
    for (const size of [1000, 4096])
      assert.ok(text.equals(await collect(decompress(inPieces(stored, size)))));
  });
}

test('a stream shorter than any magic number comes out as it is', async () => {
  assert.equal((await collect(decompress(inPieces(Buffer.from('ab'), 1)))).toString(), 'ab');
  assert.equal((await collect(decompress(inPieces(Buffer.alloc(0), 1)))).length, 0);
});

test('a damaged or broken stream throws', async () => {
  const stored = zlib.gzipSync(text);
  await assert.rejects(collect(decompress(inPieces(stored.subarray(0, -10), 1000))), { code: 'Z_BUF_ERROR' });
  const breaks = async function* () {
    yield stored.subarray(0, 100);
    throw new Error('line broke');
  };
  await assert.rejects(collect(decompress(breaks())), { message: 'line broke' });
});

test('a consumer that stops early closes the source', async () => {
  const closed = Promise.withResolvers<string>();
  const source = async function* () {
    try {
      for (;;) yield zlib.gzipSync(text);
    } finally {
      closed.resolve('closed');
    }
  };
  for await (const _ of decompress(source())) break;
  assert.equal(await closed.promise, 'closed');
});

test('what gzip wrote is read again, and is the same each time', async () => {
  const [first, second] = [
    await collect(gzip(inPieces(text, 777))),
    await collect(gzip(inPieces(text, 5000))),
  ];
  assert.ok(first.equals(second));
  assert.ok(text.equals(zlib.gunzipSync(first)));
});
