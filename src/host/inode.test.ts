import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { errnoOf } from '#errors';
import { makeNode, openDirectoryIn, setTimes } from './index.ts';

const directory = fs.mkdtempSync(join(tmpdir(), 'gantry-inode-'));
after(() => {
  fs.rmSync(directory, { recursive: true });
});

test('times are exact to the nanosecond, and a symlink gets its own', () => {
  const mtime = { seconds: 1_700_000_000, nanoseconds: 123_456_789 };
  const file = join(directory, 'file');
  const link = join(directory, 'link');
  fs.writeFileSync(file, '');
  fs.symlinkSync('file', link);
  setTimes(link, { seconds: 5, nanoseconds: 6 });
  setTimes(Buffer.from(file), mtime, { seconds: 7, nanoseconds: 8 });
  const facts = fs.lstatSync(file, { bigint: true });
  assert.equal(facts.mtimeNs, 1_700_000_000_123_456_789n);
  assert.equal(facts.atimeNs, 7_000_000_008n);
  assert.equal(fs.lstatSync(link, { bigint: true }).mtimeNs, 5_000_000_006n);
  const fd = fs.openSync(file, 'r');
  setTimes(fd, { seconds: -1, nanoseconds: 0 });
  fs.closeSync(fd);
  assert.equal(fs.lstatSync(file).mtimeMs, -1000);
});

test('a FIFO is made, under a name of any bytes', () => {
  const path = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0x20, 0xfe])]);
  makeNode(path, 'fifo', { mode: 0o600 });
  assert.ok(fs.lstatSync(path).isFIFO());
  assert.throws(
    () => {
      makeNode(path, 'fifo', { mode: 0o600 });
    },
    (error) => errnoOf(error) === 'EEXIST',
  );
});

test('a directory is opened within its root, whatever symlinks and dots say', () => {
  const root = join(directory, 'root');
  fs.mkdirSync(join(root, 'etc'), { recursive: true });
  fs.writeFileSync(join(root, 'etc', 'inside'), '');
  fs.symlinkSync('/etc', join(root, 'absolute'));
  fs.symlinkSync('../../../../etc', join(root, 'dots'));
  const fd = fs.openSync(root, 'r');
  for (const path of ['etc', 'absolute', 'dots', '../../etc', 'absolute/../etc/.']) {
    const opened = openDirectoryIn(fd, path);
    assert.deepEqual(fs.readdirSync(`/proc/self/fd/${opened}`), ['inside'], path);
    fs.closeSync(opened);
  }
  assert.throws(
    () => openDirectoryIn(fd, 'absolute', { symlinks: false }),
    (error) => errnoOf(error) === 'ELOOP',
  );
  for (const [path, errno] of [
    ['missing', 'ENOENT'],
    ['etc/inside', 'ENOTDIR'],
  ] as const) {
    assert.throws(
      () => openDirectoryIn(fd, Buffer.from(path)),
      (error) => errnoOf(error) === errno,
    );
  }
  fs.closeSync(fd);
});
