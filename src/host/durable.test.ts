import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findError } from '#errors';
import { durableRename, syncDirectory, writeFileDurably } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'gantry-durable-'));
after(() => {
  rmSync(directory, { recursive: true });
});

test('a durable write replaces the file and leaves nothing else', async () => {
  const path = join(directory, 'file');
  await writeFileDurably(path, 'old');
  await writeFileDurably(path, new Uint8Array([110, 101, 119]), { mode: 0o600 });
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ['file']);
});

test('a durable write that fails keeps the old file and leaves nothing else', async () => {
  const path = join(directory, 'taken');
  mkdirSync(path);
  await assert.rejects(writeFileDurably(path, 'x'), (error) => findError(error) !== undefined);
  assert.ok(!readdirSync(directory).some((name) => name.endsWith('.tmp')));
});

test('a rename moves between directories', async () => {
  mkdirSync(join(directory, 'other'));
  writeFileSync(join(directory, 'a'), 'a');
  await durableRename(join(directory, 'a'), join(directory, 'other', 'b'));
  assert.equal(readFileSync(join(directory, 'other', 'b'), 'utf8'), 'a');
});

test('what is missing is reported as not found', async () => {
  const isNotFound = (error: unknown): boolean => findError(error, { kind: 'not-found' }) !== undefined;
  await assert.rejects(syncDirectory(join(directory, 'nowhere')), isNotFound);
  await assert.rejects(durableRename(join(directory, 'nowhere'), join(directory, 'x')), isNotFound);
});
