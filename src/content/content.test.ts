import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { digestOf } from '#oci';
import { bytes, collect, contentSuite, fails, mustIngest } from './content.suite.ts';
import { createMemoryContent, growingStates, openDiskContent, type ContentStore } from './index.ts';

contentSuite('memory', async () => ({
  store: createMemoryContent(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));
contentSuite('disk', openTemporary);

async function openTemporary({ sync = false } = {}): Promise<
  { store: ContentStore; directory: string } & AsyncDisposable
> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-content-'));
  return {
    directory,
    store: await openDiskContent({ directory, sync }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

/** A process that runs `body` with `store`, `bytes`, `digestOf` and `say` (a line to us). */
function child(directory: string, body: string, { fileBlocks = 'unlimited' } = {}): ChildProcess {
  const script = `
    import { openDiskContent } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
    import { bytes } from ${JSON.stringify(new URL('content.suite.ts', import.meta.url).href)};
    import { digestOf } from '#oci';
    const say = (line) => process.stdout.write(line + '\\n');
    const store = await openDiskContent({ directory: ${JSON.stringify(directory)} });
    ${body}`;
  const shell = ['-c', `ulimit -f ${fileBlocks}; exec "$@"`, 'sh', process.execPath];
  return spawn('sh', [...shell, '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
}

async function linesOf(process: ChildProcess, onLine?: (line: string) => void): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface(process.stdout!)) {
    lines.push(line);
    onLine?.(line);
  }
  return lines;
}

test('a blob is a file named by its digest, and nothing else stays', async () => {
  await using opened = await openTemporary({ sync: true });
  const { store, directory } = opened;
  const content = bytes(10);
  const digest = digestOf(content);
  await using ingest = await mustIngest(store, digest);
  await ingest.write(content);
  await ingest.commit();
  const path = join(directory, 'blobs', 'sha256', digest.slice('sha256:'.length));
  assert.equal(store.pathOf(digest), path);
  assert.ok(content.equals(await readFile(path)));
  assert.deepEqual(await readdir(join(directory, 'ingests')), []);
  assert.equal((await stat(join(directory, 'blobs'))).mode & 0o777, 0o700);
});

test('a growing file tells how far it can be read and how it ended', async () => {
  await using opened = await openTemporary();
  const { store } = opened;
  const content = bytes(1000);
  const look = (progress: SharedArrayBuffer): bigint[] => [...new BigInt64Array(progress)];
  {
    await using ingest = await mustIngest(store, digestOf(content));
    const { progress } = ingest.growing!;
    await ingest.write(content.subarray(0, 400));
    assert.deepEqual(look(progress), [400n, growingStates.growing]);
    await ingest[Symbol.asyncDispose]();
    assert.deepEqual(look(progress), [400n, growingStates.broken]);
  }
  await using ingest = await mustIngest(store, digestOf(content));
  const first = ingest.growing!;
  assert.deepEqual(look(first.progress), [400n, growingStates.growing]);
  await ingest.restart();
  assert.equal(look(first.progress)[1], growingStates.broken);
  const { path, progress } = ingest.growing!;
  await using reader = await open(path);
  const woken = Atomics.waitAsync(new BigInt64Array(progress), 0, 0n);
  assert.ok(woken.async);
  await ingest.write(content);
  assert.equal(await woken.value, 'ok');
  await ingest.commit();
  assert.deepEqual(look(progress), [1000n, growingStates.whole]);
  assert.ok(content.equals(await reader.readFile()));
});

test('what a killed process wrote is gone on with', { timeout: 30_000 }, async () => {
  await using opened = await openTemporary();
  const content = bytes(3_000_000, 7);
  const digest = digestOf(content);
  const writer = child(
    opened.directory,
    `const content = bytes(3_000_000, 7);
     const ingest = await store.ingest(digestOf(content));
     for (let at = 0; at < content.length - 1; at += 1000) {
       await ingest.write(content.subarray(at, at + 1000));
       say(ingest.offset);
     }`,
  );
  const lines = await linesOf(writer, (line) => {
    if (line === '100000') writer.kill('SIGKILL');
  });
  await using ingest = await mustIngest(opened.store, digest);
  const { offset } = ingest;
  assert.ok(offset >= Number(lines.at(-1)) && Number(lines.at(-1)) >= 100_000);
  await ingest.write(content.subarray(offset));
  await ingest.commit({ size: content.length });
  assert.ok(content.equals(await collect(opened.store.read(digest))));
});

test('of ten processes that ingest one blob, one writes', { timeout: 60_000 }, async () => {
  await using opened = await openTemporary();
  const body = `
    const content = bytes(2_000_000, 3);
    await using ingest = await store.ingest(digestOf(content));
    if (ingest !== undefined) {
      for (let at = 0; at < content.length; at += 100_000) await ingest.write(content.subarray(at, at + 100_000));
      await ingest.commit();
    }
    say(ingest === undefined ? 'found' : 'wrote');`;
  const children = Array.from({ length: 10 }, () => child(opened.directory, body));
  const said = (await Promise.all(children.map((process) => linesOf(process)))).flat().sort();
  assert.deepEqual(said, [...Array<string>(9).fill('found'), 'wrote']);
  assert.deepEqual(await readdir(join(opened.directory, 'ingests')), []);
});

test('a write that fails for want of space keeps what is there', { timeout: 30_000 }, async () => {
  await using opened = await openTemporary();
  const body = `
    const content = bytes(3_000_000);
    await using ingest = await store.ingest(digestOf(content));
    await ingest.write(content.subarray(0, 100_000));
    const code = await ingest.write(content.subarray(100_000)).catch((error) => error.code);
    say(code + ' ' + ingest.offset);`;
  // 1024 blocks of 512 bytes: a file may have no more than half a MiB.
  const limited = child(opened.directory, body, { fileBlocks: '1024' });
  const closed = once(limited, 'close');
  assert.deepEqual(await linesOf(limited), ['errno-efbig 100000']);
  assert.deepEqual(await closed, [0, null]);
  const content = bytes(3_000_000);
  await using ingest = await mustIngest(opened.store, digestOf(content));
  assert.ok(ingest.offset >= 100_000);
  await ingest.write(content.subarray(ingest.offset));
  await ingest.commit();
});

test('a blob that lost its end is told so, and an early return closes the file', async () => {
  await using opened = await openTemporary();
  const { store } = opened;
  const content = bytes(1_000_000);
  const digest = digestOf(content);
  await using ingest = await mustIngest(store, digest);
  await ingest.write(content);
  await ingest.commit();
  const openFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
  const before = await openFiles();
  for await (const chunk of store.read(digest)) {
    assert.ok(chunk.length > 0);
    assert.equal(await openFiles(), before + 1);
    break;
  }
  assert.equal(await openFiles(), before);
  const cut = async (): Promise<void> => {
    for await (const chunk of store.read(digest)) {
      assert.ok(chunk.length <= 262_144);
      await truncate(store.pathOf(digest)!, 300_000);
    }
  };
  await assert.rejects(cut(), fails('corrupt', 'blob-truncated'));
});

test('foreign files in the folders are passed over', async () => {
  await using opened = await openTemporary();
  const { store, directory } = opened;
  await writeFile(join(directory, 'blobs', 'sha256', 'README'), 'x');
  await mkdir(join(directory, 'ingests', 'lost+found'));
  assert.deepEqual(await Array.fromAsync(store.list()), []);
  assert.deepEqual(await Array.fromAsync(store.listIngests()), []);
});
