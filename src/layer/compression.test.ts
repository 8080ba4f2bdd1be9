import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
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

/** By the machine's program, which this needs as the product does. */
function packed(program: 'xz' | 'bzip2', bytes: Uint8Array): Buffer {
  return execFileSync(program, ['--compress', '--stdout'], { input: bytes, maxBuffer: 64 << 20 });
}

for (const [name, stored] of [
  ['xz', packed('xz', text)],
  ['bzip2', packed('bzip2', text)],
  ['bzip2 of nothing', packed('bzip2', Buffer.alloc(0))],
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
    const plain = name.endsWith('of nothing') ? Buffer.alloc(0) : text;
    for (const size of [61, 1000, 1 << 20])
      assert.equal((await collect(decompress(inPieces(stored, size)))).compare(plain), 0);
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

test('what is behind the end, or cut off, throws', async () => {
  const rejects = async (stored: Uint8Array, kind: string): Promise<void> => {
    for (const size of [100, 1 << 20]) {
      await assert.rejects(collect(decompress(inPieces(stored, size))), { code: 'layer-compression', kind });
    }
  };
  await rejects(Buffer.concat([zlib.gzipSync(text), Buffer.from('rest')]), 'corrupt');
  await rejects(Buffer.concat([zlib.gzipSync(text), Buffer.alloc(100), zlib.gzipSync(text)]), 'corrupt');
  await rejects(Buffer.concat([zlib.zstdCompressSync(text), Buffer.from('rest')]), 'corrupt');
  await rejects(zlib.zstdCompressSync(text).subarray(0, -10), 'corrupt');
  await rejects(Buffer.from('fd377a585a0000', 'hex'), 'corrupt');
  await rejects(packed('xz', text).subarray(0, -10), 'corrupt');
  await rejects(packed('bzip2', text).subarray(0, -10), 'corrupt');
});

test('a machine without the program says which package has it', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nonexistent';
  try {
    const stored = Buffer.from('fd377a585a000004e6d6b446', 'hex');
    await assert.rejects(collect(decompress(inPieces(stored, 100))), {
      code: 'layer-compression',
      kind: 'unsupported',
      message: /no program xz: install the package xz-utils/,
    });
  } finally {
    process.env['PATH'] = path;
  }
});

test('a source that breaks inside a program is told as it broke', async () => {
  const stored = packed('xz', text);
  const breaks = async function* () {
    yield stored.subarray(0, 50);
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
