import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fails } from './content.suite.ts';
import { openStoreRoot } from './index.ts';

async function temporary(): Promise<{ root: string; format: string } & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-format-'));
  const root = join(directory, 'a', 'root');
  return {
    root,
    format: join(root, 'format'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

test('a new root is made private and says its version', async () => {
  await using directory = await temporary();
  const { root, format } = directory;
  await Promise.all([1, 2, 3].map(() => openStoreRoot({ root })));
  assert.equal(await readFile(format, 'utf8'), '1\n');
  assert.equal((await stat(root)).mode & 0o777, 0o710);
  await openStoreRoot({ root });
});

test('an older store is upgraded step by step, once', async () => {
  await using directory = await temporary();
  const { root, format } = directory;
  await openStoreRoot({ root });
  const steps: string[] = [];
  const step = (name: string) => async (of: string) => {
    assert.equal(of, root);
    steps.push(`${name} from ${(await readFile(format, 'utf8')).trim()}`);
  };
  const upgrades = [step('a'), step('b')];
  await Promise.all([1, 2].map(() => openStoreRoot({ root, upgrades })));
  assert.deepEqual(steps, ['a from 1', 'b from 2']);
  assert.equal(await readFile(format, 'utf8'), '3\n');
  await assert.rejects(openStoreRoot({ root }), fails('unsupported', 'store-too-new'));
});

test('an upgrade that fails is tried again from where it failed', async () => {
  await using directory = await temporary();
  const { root, format } = directory;
  await openStoreRoot({ root });
  let tries = 0;
  const upgrades = [
    () => Promise.resolve(),
    () => (++tries === 1 ? Promise.reject(new Error('no')) : Promise.resolve()),
  ];
  await assert.rejects(openStoreRoot({ root, upgrades }), new Error('no'));
  assert.equal(await readFile(format, 'utf8'), '2\n');
  await openStoreRoot({ root, upgrades });
  assert.equal(tries, 2);
});

test('a new store needs no upgrade', async () => {
  await using directory = await temporary();
  const { root, format } = directory;
  await openStoreRoot({ root, upgrades: [() => Promise.reject(new Error('not called'))] });
  assert.equal(await readFile(format, 'utf8'), '2\n');
});

test('a format file that says no version is refused', async () => {
  await using directory = await temporary();
  const { root, format } = directory;
  await openStoreRoot({ root });
  for (const text of ['', 'x', '0', '-1', '1.5', '1\n2']) {
    await writeFile(format, text);
    await assert.rejects(openStoreRoot({ root }), fails('corrupt', 'store-format'));
  }
});
