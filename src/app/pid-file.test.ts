import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openPidFile } from './pid-file.ts';

const directory = await mkdtemp(path.join(tmpdir(), 'gantry-pid-'));
after(() => rm(directory, { recursive: true }));

/** Larger than any process id of Linux (PID_MAX_LIMIT, 2^22). */
const nobody = 2 ** 22 + 1;

test('a pid file holds the process id as long as it is open', async () => {
  const file = path.join(directory, 'run', 'gantry.pid');
  {
    using _file = await openPidFile(file, process.pid);
    assert.equal(await readFile(file, 'utf8'), `${process.pid}\n`);
  }
  await assert.rejects(readFile(file), { code: 'ENOENT' });
});

test('a file that a dead process left, or that holds no number, is replaced', async () => {
  const file = path.join(directory, 'stale.pid');
  for (const text of [`${nobody}\n`, 'text', '']) {
    await writeFile(file, text);
    using _file = await openPidFile(file, process.pid);
    assert.equal(await readFile(file, 'utf8'), `${process.pid}\n`);
  }
});

test('a living process is not pushed aside, and its file stays', async () => {
  const file = path.join(directory, 'other.pid');
  await writeFile(file, `${process.ppid}\n`);
  await assert.rejects(openPidFile(file, process.pid), { kind: 'conflict', code: 'daemon-running' });
  assert.equal(await readFile(file, 'utf8'), `${process.ppid}\n`);
});

test('a file that became another daemon’s stays', async () => {
  const file = path.join(directory, 'taken.pid');
  {
    using _file = await openPidFile(file, process.pid);
    await writeFile(file, `${nobody}\n`);
  }
  assert.equal(await readFile(file, 'utf8'), `${nobody}\n`);
});
