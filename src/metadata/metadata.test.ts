import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { findError, type ErrorKind } from '#errors';
import { openMetadata, type Metadata } from './index.ts';
import { metadataSuite } from './metadata.suite.ts';
import { migrations } from './schema.ts';

metadataSuite('memory', () => openMetadata({ path: ':memory:' }));
metadataSuite('file', async () => {
  const directory = await temporary();
  const metadata = await openMetadata({ path: join(directory.path, 'metadata.sqlite') });
  return Object.assign(metadata, {
    [Symbol.asyncDispose]: closing(metadata, directory),
  });
});

function closing(metadata: Metadata, directory: AsyncDisposable): () => Promise<void> {
  const close = metadata[Symbol.asyncDispose];
  return async () => {
    await close();
    await directory[Symbol.asyncDispose]();
  };
}

async function temporary(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'gantry-metadata-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const fails = (kind: ErrorKind, code: string) => (error: unknown) =>
  findError(error, { kind, code }) !== undefined;

/** A process that puts settings `<name>-<n>` and prints each n when its commit was acknowledged. */
function writer(path: string, name: string, count: number): ReturnType<typeof spawn> {
  const script = `
    import { openMetadata } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
    await using metadata = await openMetadata({ path: ${JSON.stringify(path)} });
    for (let n = 0; n < ${count}; n++) {
      await metadata.commit([{ put: 'setting', key: '${name}-' + n, value: String(n) }]);
      process.stdout.write(n + '\\n');
    }`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
}

test('all that was acknowledged is there after kill -9', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'm');
  const child = writer(path, 'k', 1e6);
  let acknowledged = -1;
  for await (const line of createInterface(child.stdout!)) {
    acknowledged = Number(line);
    if (acknowledged === 50) child.kill('SIGKILL');
  }
  assert.ok(acknowledged >= 50);
  await using metadata = await openMetadata({ path });
  for (let n = 0; n <= acknowledged; n++) assert.equal(await metadata.setting(`k-${n}`), String(n));
});

test('ten processes that commit at once lose nothing', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'm');
  const children = Array.from({ length: 10 }, (_, n) => writer(path, `p${n}`, 20));
  for (const child of children) child.stdout!.resume();
  const ends = await Promise.all(children.map((child) => once(child, 'close')));
  assert.deepEqual(ends, Array(10).fill([0, null]));
  await using metadata = await openMetadata({ path });
  for (let child = 0; child < 10; child++) {
    for (let n = 0; n < 20; n++) assert.equal(await metadata.setting(`p${child}-${n}`), String(n));
  }
});

test('what one opened store commits, another sees at once', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'm');
  await using one = await openMetadata({ path });
  await using other = await openMetadata({ path });
  await one.commit([{ put: 'setting', key: 'a', value: '1' }]);
  assert.equal(await other.setting('a'), '1');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('a writer that another process keeps waiting for too long is told so', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'm');
  await using one = await openMetadata({ path });
  await using other = await openMetadata({ path, patience: 50 });
  await one.sweep(['x' as never], 0, async () => {
    await assert.rejects(other.commit([]), fails('unavailable', 'metadata-busy'));
    assert.deepEqual(await other.names(), []);
  });
  await other.commit([]);
});

const later = [...migrations, "INSERT INTO settings (key, value) VALUES ('upgraded', 'yes')"];

test('an older store is upgraded once and keeps its facts', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'm');
  {
    await using metadata = await openMetadata({ path });
    await metadata.commit([{ put: 'setting', key: 'id', value: 'kept' }]);
  }
  const opened = await Promise.all([1, 2, 3].map(() => openMetadata({ path, migrations: later })));
  for (const metadata of opened) {
    assert.equal(await metadata.setting('id'), 'kept');
    assert.equal(await metadata.setting('upgraded'), 'yes');
    await metadata[Symbol.asyncDispose]();
  }
});

test('a store of a newer version is refused, even when it became so while open', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'm');
  await using old = await openMetadata({ path });
  await using newer = await openMetadata({ path, migrations: later });
  assert.equal(await newer.setting('upgraded'), 'yes');
  await assert.rejects(old.commit([]), fails('unsupported', 'store-too-new'));
  await assert.rejects(openMetadata({ path }), fails('unsupported', 'store-too-new'));
});

test('an upgrade that fails leaves the store as it was', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'm');
  {
    await using metadata = await openMetadata({ path });
    await metadata.commit([{ put: 'setting', key: 'id', value: 'kept' }]);
  }
  const broken = [...migrations, 'DROP TABLE settings', 'nonsense'];
  await assert.rejects(openMetadata({ path, migrations: broken }), fails('internal', 'metadata-sql'));
  await using metadata = await openMetadata({ path });
  assert.equal(await metadata.setting('id'), 'kept');
});

test('a file that is no database and a missing directory are told apart', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'm');
  await writeFile(path, 'this is text, not SQLite. '.repeat(100));
  await assert.rejects(openMetadata({ path }), fails('corrupt', 'metadata-corrupt'));
  await assert.rejects(openMetadata({ path: join(path, 'x') }), fails('internal', 'errno-enotdir'));
  const absent = join(directory.path, 'absent', 'm');
  await assert.rejects(openMetadata({ path: absent }), fails('not-found', 'errno-enoent'));
});
