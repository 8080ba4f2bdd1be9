/** Needs root. Layers that attack by their size, their depth, their order or with the help of another process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync, constants } from 'node:zlib';
import { findError } from '#errors';
import { openUnpacker } from '#layer';
import { encodeHeader, endOfArchive, type TarEntry } from '#tar';
import { tarOf, type EntryWords } from '../support/tar-entries.ts';

const directory = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gantry-hostile-')));
const unpacker = openUnpacker({ threads: 1 });
after(async () => {
  await unpacker[Symbol.asyncDispose]();
  fs.rmSync(directory, { recursive: true, maxRetries: 3 });
});

let runs = 0;
function place(): { file: string; target: string } {
  const at = join(directory, String(runs++));
  fs.mkdirSync(join(at, 'target'), { recursive: true });
  return { file: join(at, 'layer'), target: join(at, 'target') };
}

const fails = (code: string) => (error: unknown) => findError(error, { code }) !== undefined;
const small: readonly EntryWords[] = [
  { name: 'd/' },
  { name: 'd/file', content: 'x'.repeat(900), mode: 0o4755 },
];

test('a second process that swaps a directory for a symlink, again and again, gets nothing outside', async () => {
  const { file, target } = place();
  const outside = join(target, '..', 'outside');
  fs.mkdirSync(outside);
  const entries = Array.from({ length: 400 }, (_, n) => [
    { name: 'd/' },
    { name: `d/f${n}`, content: 'x', uid: 7 },
    { name: `d/.wh.g${n}` },
  ]);
  fs.writeFileSync(file, tarOf(entries.flat()));
  const script = `const fs = require('node:fs'); const [d, o] = process.argv.slice(1);
    for (;;) for (const act of [() => fs.rmSync(d, { recursive: true, force: true }), () => fs.symlinkSync(o, d), () => fs.unlinkSync(d)])
      try { act(); } catch {}`;
  using swapper = spawn(process.execPath, ['-e', script, join(target, 'd'), outside], { stdio: 'ignore' });
  await once(swapper, 'spawn');
  for (const mode of ['alone', 'merged'] as const) {
    for (let round = 0; round < 5; round++) {
      // Whether it succeeds is a matter of luck; what it does outside is not.
      await unpacker.unpack({ path: file }, { target, mode }).catch(() => undefined);
    }
  }
  swapper.kill('SIGKILL');
  await once(swapper, 'exit');
  assert.deepEqual(fs.readdirSync(outside), []);
  assert.equal(fs.statSync(outside).uid, 0);
});

test('a layer cut off at each of its blocks is refused, or has lost nothing but its end', async () => {
  const tar = tarOf(small);
  const whole = tar.length - 1024;
  for (let blocks = 1; blocks < tar.length / 512; blocks++) {
    const { file, target } = place();
    fs.writeFileSync(file, tar.subarray(0, blocks * 512));
    const unpacked = unpacker.unpack({ path: file }, { target });
    // The first directory is whole in its one block.
    if (blocks * 512 >= whole || blocks === 1) await unpacked;
    else await assert.rejects(unpacked, fails('layer-tar'), `${blocks} blocks`);
  }
});

test('a compressed layer cut off anywhere is refused', async () => {
  for (const bytes of [gzipSync(tarOf(small)), zstdCompressSync(tarOf(small))]) {
    for (let length = 7; length < bytes.length; length += 5) {
      const { file, target } = place();
      fs.writeFileSync(file, bytes.subarray(0, length));
      await assert.rejects(
        unpacker.unpack({ path: file }, { target }),
        fails('layer-compression'),
        `${length}`,
      );
    }
  }
});

test('garbage behind gzip is refused, zeros are not', async () => {
  const { file, target } = place();
  const gzip = gzipSync(tarOf(small));
  fs.writeFileSync(file, Buffer.concat([gzip, Buffer.from('garbage')]));
  await assert.rejects(unpacker.unpack({ path: file }, { target }), fails('layer-compression'));
  fs.writeFileSync(file, Buffer.concat([gzip, Buffer.alloc(5000)]));
  await unpacker.unpack({ path: file }, { target: place().target });
});

test('a zstd window larger than what is sound is refused before it is allocated', async () => {
  const { file, target } = place();
  const params = { [constants.ZSTD_c_windowLog]: 30, [constants.ZSTD_c_enableLongDistanceMatching]: 1 };
  const zeros = Buffer.alloc(300 * 1024 * 1024);
  const stream = zstdCompressSync(Buffer.concat([tarOf(small), zeros]), { params });
  fs.writeFileSync(file, stream);
  await assert.rejects(unpacker.unpack({ path: file }, { target }), fails('layer-compression'));
});

test('sizes that no archive holds are refused', async () => {
  const { file, target } = place();
  const entry: TarEntry = {
    name: 'huge',
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
    type: 'file',
    size: 0,
    deviceMajor: 0,
    deviceMinor: 0,
    mtime: { seconds: 0, nanoseconds: 0 },
    xattrs: new Map(),
  };
  for (const size of [2 ** 40, 2 ** 52]) {
    fs.writeFileSync(file, Buffer.concat([encodeHeader({ ...entry, size }), endOfArchive()]));
    await assert.rejects(unpacker.unpack({ path: file }, { target }), fails('layer-tar'));
  }
});

test('names of 100 KB and paths a thousand directories deep are refused', async () => {
  for (const name of ['n'.repeat(100_000), 'd/'.repeat(50_000), `${'dd/'.repeat(2000)}f`]) {
    const { file, target } = place();
    fs.writeFileSync(file, tarOf([{ name }]));
    await assert.rejects(unpacker.unpack({ path: file }, { target, mode: 'base' }), fails('layer-tar'));
  }
});

test('a million entries are read in bounded memory', async () => {
  const { file } = place();
  const out = fs.openSync(file, 'w');
  for (let batch = 0; batch < 100; batch++) {
    const entries = Array.from({ length: 10_000 }, (_, n) => ({ name: `f${batch}-${n}` }));
    fs.writeSync(out, tarOf(entries).subarray(0, 10_000 * 512));
  }
  fs.writeSync(out, endOfArchive());
  fs.closeSync(out);
  const before = process.memoryUsage.rss();
  await unpacker.unpack({ path: file });
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
  assert.ok(grown < 150, `${grown.toFixed(0)} MiB more`);
});
