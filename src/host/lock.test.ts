import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findError } from '#errors';
import { openLock, tryLock } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'gantry-lock-'));
after(() => {
  rmSync(directory, { recursive: true });
});

test('a lock excludes a second holder in the same process until it is released', () => {
  const path = join(directory, 'same');
  const first = tryLock(path);
  assert.ok(first);
  assert.equal(tryLock(path), undefined);
  first[Symbol.dispose]();
  const second = tryLock(path);
  assert.ok(second);
  first[Symbol.dispose]();
  assert.equal(tryLock(path), undefined, 'releasing twice releases nobody else');
  second[Symbol.dispose]();
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('shared holders exclude an exclusive one and not each other', () => {
  const path = join(directory, 'shared');
  using first = tryLock(path, { shared: true });
  {
    using second = tryLock(path, { shared: true });
    assert.ok(first && second);
  }
  assert.equal(tryLock(path), undefined);
});

test('a waiter is told once that it waits and gets the lock when it is free', async () => {
  const path = join(directory, 'waiting');
  const first = tryLock(path);
  let waits = 0;
  const waiting = openLock(path, { onWait: () => waits++ });
  setTimeout(() => first?.[Symbol.dispose](), 60);
  using second = await waiting;
  assert.ok(second);
  assert.equal(waits, 1);
});

test('an abort ends the waiting with its reason', async () => {
  const path = join(directory, 'abort');
  using held = tryLock(path);
  assert.ok(held);
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = openLock(path, { signal: controller.signal });
  setTimeout(() => {
    controller.abort(reason);
  }, 10);
  await assert.rejects(waiting, reason);
});

test('when the holder removes the file, a waiter and a newcomer still exclude each other', async () => {
  const path = join(directory, 'removed');
  const first = tryLock(path);
  const waiting = openLock(path);
  unlinkSync(path);
  using newcomer = tryLock(path);
  assert.ok(newcomer);
  first?.[Symbol.dispose]();
  const state = await Promise.race([
    waiting.then(() => 'got it'),
    new Promise((done) => setTimeout(done, 150, 'waits')),
  ]);
  assert.equal(state, 'waits');
  newcomer[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
});

test('the lock of a killed process is free', async () => {
  const path = join(directory, 'killed');
  const index = new URL('./index.ts', import.meta.url).href;
  const script = `const { tryLock } = await import(${JSON.stringify(index)});
    globalThis.held = tryLock(${JSON.stringify(path)}); console.log('held'); setTimeout(() => {}, 9000);`;
  using child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  assert.equal(tryLock(path), undefined);
  child.kill('SIGKILL');
  await once(child, 'exit');
  using lock = tryLock(path);
  assert.ok(lock);
});

test('a lock file that cannot be made is reported', () => {
  assert.throws(
    () => tryLock(join(directory, 'missing', 'lock')),
    (error) => findError(error, { code: 'errno-enoent' }) !== undefined,
  );
});
