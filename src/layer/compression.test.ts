import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { decompress } from './decompress.ts';
import { gzip } from './gzip.ts';

const text = Buffer.from('a layer, '.repeat(100_000));

/** RFC 8878 section 3.1.2. */
const skippable = Buffer.concat([Buffer.from('502a4d1805000000', 'hex'), Buffer.from('hello')]);

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
  ['gzip with zeros behind it', Buffer.concat([zlib.gzipSync(text), Buffer.alloc(9000)])],
  ['zstd', zlib.zstdCompressSync(text)],
  [
    'zstd of several frames, skippable ones among them',
    Buffer.concat([
      skippable,
      zlib.zstdCompressSync(text.subarray(0, 9)),
      zlib.zstdCompressSync(text.subarray(9)),
      skippable,
    ]),
  ],
  ['no compression', text],
] as const) {
  test(`${name} is found by content, however the stream is cut`, async () => {
    for (const size of [61, 1000, 1 << 20])
      assert.ok(text.equals(await collect(decompress(inPieces(stored, size)))));
  });
}

test('a stream shorter than any magic number comes out as it is', async () => {
  assert.equal((await collect(decompress(inPieces(Buffer.from('ab'), 1)))).toString(), 'ab');
  assert.equal((await collect(decompress(inPieces(Buffer.alloc(0), 1)))).length, 0);
});

test('a damaged or broken stream throws', async () => {
  const stored = zlib.gzipSync(text);
  await assert.rejects(collect(decompress(inPieces(stored.subarray(0, -10), 1000))), {
    code: 'layer-compression',
    kind: 'corrupt',
  });
  const breaks = async function* () {
    yield stored.subarray(0, 100);
    throw new Error('line broke');
  };
  await assert.rejects(collect(decompress(breaks())), { message: 'line broke' });
});

test('what is behind the end, and what is not read here, throws', async () => {
  const rejects = async (stored: Uint8Array, kind: string): Promise<void> => {
    for (const size of [100, 1 << 20]) {
      await assert.rejects(collect(decompress(inPieces(stored, size))), { code: 'layer-compression', kind });
    }
  };
  await rejects(Buffer.concat([zlib.gzipSync(text), Buffer.from('rest')]), 'corrupt');
  await rejects(Buffer.concat([zlib.gzipSync(text), Buffer.alloc(100), zlib.gzipSync(text)]), 'corrupt');
  await rejects(Buffer.concat([zlib.zstdCompressSync(text), Buffer.from('rest')]), 'corrupt');
  await rejects(zlib.zstdCompressSync(text).subarray(0, -10), 'corrupt');
  await rejects(Buffer.from('fd377a585a0000', 'hex'), 'unsupported');
  await rejects(Buffer.from('BZh91AY', 'latin1'), 'unsupported');
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
