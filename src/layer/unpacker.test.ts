import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import zlib from 'node:zlib';
import { findError } from '#errors';
import { digestOf } from '#oci';
import { tarOf } from '../../test/support/tar-entries.ts';
import { openUnpacker, type LayerSource } from './index.ts';

const directory = fs.mkdtempSync(join(tmpdir(), 'gantry-layer-'));
const unpacker = openUnpacker({ threads: 2 });
after(async () => {
  await unpacker[Symbol.asyncDispose]();
  fs.rmSync(directory, { recursive: true });
});

const tar = tarOf([
  { name: 'etc/' },
  { name: 'etc/passwd', content: 'root' },
  { name: 'etc/link', type: 'hardlink', linkName: 'etc/passwd' },
  { name: 'big', content: 'x'.repeat(3_000_000) },
]);

let files = 0;
function stored(bytes: Uint8Array): LayerSource & { readonly path: string } {
  const path = join(directory, String(files++));
  fs.writeFileSync(path, bytes);
  return { path };
}

const fails = (code: string) => (error: unknown) => findError(error, { code }) !== undefined;

/** A file that grows by the protocol of LayerSource.progress. */
function growingFile(): {
  source: LayerSource;
  reach: (bytes: Uint8Array) => void;
  end: (state: bigint) => void;
} {
  const { path } = stored(Buffer.alloc(0));
  const progress = new SharedArrayBuffer(16);
  const view = new BigInt64Array(progress);
  return {
    source: { path, progress },
    reach(bytes) {
      fs.appendFileSync(path, bytes);
      Atomics.add(view, 0, BigInt(bytes.length));
      Atomics.notify(view, 0);
    },
    end(state) {
      Atomics.store(view, 1, state);
      Atomics.notify(view, 0);
    },
  };
}

test('a layer is read without a target: its diff id and its sizes, however it is compressed', async () => {
  for (const bytes of [tar, zlib.gzipSync(tar), zlib.zstdCompressSync(tar)]) {
    const seen: number[] = [];
    const result = await unpacker.unpack(stored(bytes), { onProgress: (count) => seen.push(count) });
    assert.deepEqual(result, {
      diffId: digestOf(tar),
      tarSize: tar.length,
      size: 3_000_004,
      dependsOnLower: undefined,
      statesRoot: false,
    });
    assert.ok(seen.length > 0 && seen.every((count) => count > 0 && count <= bytes.length));
  }
});

test('many layers are read, more than there are threads', async () => {
  const archives = Array.from({ length: 20 }, (_, index) =>
    tarOf([{ name: `file-${index}`, content: 'x'.repeat(index) }]),
  );
  const results = await Promise.all(archives.map((bytes) => unpacker.unpack(stored(bytes))));
  assert.deepEqual(
    results.map(({ diffId }) => diffId),
    archives.map((bytes) => digestOf(bytes)),
  );
});

test('a file that grows is followed to its end, under another name too', async () => {
  const bytes = zlib.gzipSync(tar);
  const file = growingFile();
  const result = unpacker.unpack(file.source);
  for (let start = 0; start < bytes.length; start += 1000) {
    file.reach(bytes.subarray(start, start + 1000));
    if (start === 2000) await delay(120);
  }
  // The last bytes and the end of growth are announced apart, with a pause in which the reader waits.
  await delay(50);
  file.end(1n);
  assert.equal((await result).diffId, digestOf(tar));
});

test('a file that was renamed after the call is read all the same', async () => {
  const file = growingFile();
  const result = unpacker.unpack(file.source);
  await delay(30);
  const moved = join(directory, 'moved');
  fs.renameSync(file.source.path, moved);
  fs.writeFileSync(file.source.path, '');
  file.reach(new Uint8Array(0));
  fs.appendFileSync(moved, tar);
  Atomics.add(new BigInt64Array(file.source.progress!), 0, BigInt(tar.length));
  file.end(1n);
  assert.equal((await result).diffId, digestOf(tar));
});

test('a file that stops growing before its end is reported', async () => {
  const file = growingFile();
  file.reach(tar.subarray(0, 5000));
  const result = unpacker.unpack(file.source);
  setTimeout(() => {
    file.end(2n);
  }, 30);
  await assert.rejects(result, fails('layer-source-broken'));
});

test('an abort ends the work with its reason, waiting or not, and the unpacker goes on', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const works = Array.from({ length: 5 }, async () =>
    unpacker.unpack(growingFile().source, { signal: controller.signal }),
  );
  setTimeout(() => {
    controller.abort(reason);
  }, 50);
  for (const work of await Promise.allSettled(works))
    assert.equal(work.status === 'rejected' && work.reason, reason);
  await assert.rejects(unpacker.unpack(stored(tar), { signal: controller.signal }), reason);
  assert.equal((await unpacker.unpack(stored(tar))).diffId, digestOf(tar));
});

test('disposing aborts what is at work', async () => {
  const own = openUnpacker({ threads: 1 });
  const works = [own.unpack(growingFile().source), own.unpack(growingFile().source)];
  await delay(50);
  const settled = Promise.allSettled(works);
  await own[Symbol.asyncDispose]();
  for (const work of await settled)
    assert.equal(work.status === 'rejected' && (work.reason as Error).name, 'AbortError');
  await assert.rejects(own.unpack(stored(tar)), { name: 'AbortError' });
});

test('a process is kept alive by a layer at work, and not by an idle unpacker', () => {
  const script = `const { openUnpacker } = await import('#layer');
    const unpacker = openUnpacker();
    void unpacker.unpack({ path: ${JSON.stringify(stored(tar).path)} }).then(({ size }) => { console.log(size); });`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(output, '3000004\n');
});

test('what is no layer is reported, with the cause kept', async () => {
  const gzip = zlib.gzipSync(tar);
  await assert.rejects(unpacker.unpack(stored(gzip.subarray(0, -20))), fails('layer-compression'));
  await assert.rejects(unpacker.unpack(stored(tar.subarray(0, 1800))), fails('layer-tar'));
  await assert.rejects(unpacker.unpack(stored(Buffer.alloc(4096, 7))), (error) => {
    assert.ok(findError(error, { kind: 'corrupt', code: 'layer-tar' }));
    return findError(error, { code: 'tar-header' }) !== undefined;
  });
  await assert.rejects(unpacker.unpack({ path: join(directory, 'missing') }), fails('errno-enoent'));
});

test('a layer is bounded in bytes, in entries and in how far it was compressed', async () => {
  await using bounded = openUnpacker({
    threads: 1,
    limits: { maxTarSize: 1 << 25, maxRatio: 100, maxEntries: 4 },
  });
  await bounded.unpack(stored(tar));
  const zeros = (size: number): Buffer => tarOf([{ name: 'zeros', content: '\0'.repeat(size) }]);
  for (const bytes of [
    zlib.gzipSync(zeros(20_000_000)),
    zeros(40_000_000),
    tarOf(Array.from({ length: 5 }, (_, index) => ({ name: String(index) }))),
  ]) {
    await assert.rejects(bounded.unpack(stored(bytes)), fails('layer-limit'));
  }
});
