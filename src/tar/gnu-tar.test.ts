import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
  symlinkSync,
  linkSync,
  mkdirSync,
  lutimesSync,
  openSync,
  writeSync,
  closeSync,
  ftruncateSync,
  lstatSync,
  readlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { byteName, type TarEntry } from './index.ts';
import { archiveOf, entryWith } from './entry.suite.ts';
import { readAll, type Found } from './raw-archive.suite.ts';

// GNU tar is the peer: what it writes we read, and what we write it reads.

const directory = mkdtempSync(join(tmpdir(), 'gantry-tar-'));
after(() => {
  rmSync(directory, { recursive: true, force: true });
});

const run = (command: string, args: readonly string[]): Buffer => execFileSync(command, args);

/** Runs tar in `cwd`; names that are no UTF-8 pass as they are. */
function tar(cwd: string, ...args: readonly string[]): Buffer {
  return execFileSync('tar', args, {
    cwd,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const create = (cwd: string, ...args: readonly string[]): Found[] =>
  readAll(tar(cwd, '-c', '--sort=name', ...args));

const tree = join(directory, 'tree');
const long = 'long-name-'.repeat(20);
mkdirSync(join(tree, 'd'), { recursive: true });
writeFileSync(join(tree, 'd', 'file'), 'content\n', { mode: 0o640 });
linkSync(join(tree, 'd', 'file'), join(tree, 'd', 'hard'));
symlinkSync('../target', join(tree, 'd', 'link'));
lutimesSync(join(tree, 'd', 'file'), 1_600_000_000, 1_600_000_000.5);

test('GNU tar in each format: types, links, modes, owners, times', () => {
  for (const format of ['v7', 'ustar', 'gnu', 'pax']) {
    const owner = ['--owner=me:1234', '--group=us:4321', '--mode=u=rwX,g=rX,o='];
    const found = create(tree, `--format=${format}`, ...owner, 'd');
    assert.deepEqual(
      found.map(({ entry }) => [entry.type, entry.name, entry.linkName, entry.mode & 0o7777]),
      [
        ['directory', 'd/', '', 0o750],
        ['file', 'd/file', '', 0o640],
        ['hardlink', 'd/hard', 'd/file', 0o640],
        ['symlink', 'd/link', '../target', 0o750],
      ],
      format,
    );
    const { entry, content } = found[1]!;
    assert.equal(content, 'content\n');
    const names = format === 'v7' ? ['', ''] : ['me', 'us'];
    assert.deepEqual([entry.uid, entry.gid, entry.uname, entry.gname], [1234, 4321, ...names]);
    const nanoseconds = format === 'pax' ? 500_000_000 : 0;
    assert.deepEqual(entry.mtime, { seconds: 1_600_000_000, nanoseconds }, format);
  }
});

test('GNU tar in each format that has them: long names, long links, large ids, times before 1970', () => {
  const cwd = join(directory, 'long');
  mkdirSync(join(cwd, long), { recursive: true });
  writeFileSync(join(cwd, long, 'f'), '');
  symlinkSync(long, join(cwd, 'link'));
  for (const format of ['gnu', 'pax']) {
    const found = create(cwd, `--format=${format}`, '--owner=:4294967294', '--mtime=@-7.25', 'link', long);
    assert.deepEqual(
      found.map(({ entry }) => [entry.name, entry.linkName, entry.uid]),
      [
        ['link', long, 4294967294],
        [`${long}/`, '', 4294967294],
        [`${long}/f`, '', 4294967294],
      ],
      format,
    );
    const mtime =
      format === 'pax' ? { seconds: -8, nanoseconds: 750_000_000 } : { seconds: -8, nanoseconds: 0 };
    assert.deepEqual(found[0]!.entry.mtime, mtime, format);
  }
});

test('GNU tar with names that are no UTF-8', () => {
  const cwd = join(directory, 'bytes');
  mkdirSync(cwd);
  const bytes = Buffer.from('caf\xe9-\xff', 'latin1');
  writeFileSync(Buffer.concat([Buffer.from(`${cwd}/`), bytes]), '');
  writeFileSync(join(cwd, 'é中'), '');
  for (const format of ['v7', 'ustar', 'gnu', 'pax']) {
    const names = create(cwd, `--format=${format}`, '.').map(({ entry }) => entry.name);
    assert.deepEqual(new Set(names), new Set(['./', './caf\xe9-\xff', `./${byteName('é中')}`]), format);
  }
});

test('GNU tar with sparse files in each format, the map in the header and beyond it', () => {
  const cwd = join(directory, 'sparse');
  mkdirSync(cwd);
  for (const [name, pieces] of [
    ['few', 2],
    ['many', 30],
  ] as const) {
    const file = openSync(join(cwd, name), 'w');
    for (let piece = 0; piece < pieces; piece++)
      writeSync(file, Buffer.alloc(4096, 65 + (piece % 26)), 0, 4096, piece * 65536 + 16384);
    ftruncateSync(file, pieces * 65536);
    closeSync(file);
  }
  const formats = [
    ['--format=gnu'],
    ...['0.0', '0.1', '1.0'].map((version) => ['--format=pax', `--sparse-version=${version}`]),
  ];
  for (const format of formats) {
    const found = create(cwd, '--sparse', ...format, 'few', 'many');
    assert.deepEqual(
      found.map(({ entry }) => entry.name),
      ['few', 'many'],
      format.join(' '),
    );
    for (const { entry, content } of found) {
      assert.match(content, /\[hole \d+\]/, format.join(' '));
      const expanded = content.replaceAll(/\[hole (\d+)\]/g, (_, length: string) =>
        '\0'.repeat(Number(length)),
      );
      assert.equal(entry.size, expanded.length);
      assert.ok(
        expanded === readFileSync(join(cwd, entry.name), 'latin1'),
        `${format.join(' ')} ${entry.name}`,
      );
    }
  }
});

test('GNU tar with extended attributes and devices', () => {
  const cwd = join(directory, 'special');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'f'), '');
  run('mkfifo', [join(cwd, 'p')]);
  run('setfattr', ['-n', 'user.bin', '-v', '0x00ff0a3d', join(cwd, 'f')]);
  run('setfattr', ['-n', 'user.a=b%c', join(cwd, 'f')]);
  const [file, fifo] = create(cwd, '--format=pax', '--xattrs', 'f', 'p');
  assert.deepEqual(
    new Map([...file!.entry.xattrs].map(([name, value]) => [name, Buffer.from(value).toString('hex')])),
    new Map([
      ['user.bin', '00ff0a3d'],
      ['user.a=b%c', ''],
    ]),
  );
  assert.equal(fifo!.entry.type, 'fifo');
  const [device] = create('/', '--format=ustar', 'dev/null');
  assert.deepEqual(
    [device!.entry.type, device!.entry.deviceMajor, device!.entry.deviceMinor],
    ['character-device', 1, 3],
  );
});

const written: TarEntry[] = [
  entryWith({
    type: 'directory',
    name: 'd/',
    mode: 0o755,
    mtime: { seconds: 1_000_000_000, nanoseconds: 0 },
  }),
  entryWith({ name: 'd/file', size: 1000, mode: 0o751, uid: 1234, gid: 70_000, uname: 'me', gname: 'us' }),
  entryWith({ name: `d/${long}`, size: 3, uid: 3_000_000, mtime: { seconds: -2, nanoseconds: 0 } }),
  entryWith({ name: 'd/caf\xe9', mtime: { seconds: 5, nanoseconds: 123_456_789 } }),
  entryWith({ type: 'hardlink', name: 'd/hard', linkName: 'd/file', mode: 0o751 }),
  entryWith({ type: 'symlink', name: 'd/link', linkName: `../${long}`, mode: 0o777 }),
  entryWith({ type: 'fifo', name: 'd/fifo' }),
  entryWith({ name: 'd/attributes', xattrs: new Map([['user.a=b', Buffer.from([0, 255, 10])]]) }),
  entryWith({ type: 'block-device', name: 'd/block', deviceMajor: 4095, deviceMinor: 1_048_575 }),
];

test('GNU tar lists what we write', () => {
  const archive = join(directory, 'listed.tar');
  writeFileSync(archive, archiveOf(written));
  const lines = tar(directory, '-tvf', archive, '--numeric-owner', '--quoting-style=escape', '--full-time')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' '));
  assert.deepEqual(lines, [
    'drwxr-xr-x 0/0 0 2001-09-09 01:46:40 d/',
    '-rwxr-x--x 1234/70000 1000 1970-01-01 00:00:00 d/file',
    `-rw-r--r-- 3000000/0 3 1969-12-31 23:59:58 d/${long}`,
    String.raw`-rw-r--r-- 0/0 0 1970-01-01 00:00:05.123456789 d/caf\351`,
    'hrwxr-x--x 0/0 0 1970-01-01 00:00:00 d/hard link to d/file',
    `lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 d/link -> ../${long}`,
    'prw-r--r-- 0/0 0 1970-01-01 00:00:00 d/fifo',
    '-rw-r--r-- 0/0 0 1970-01-01 00:00:00 d/attributes',
    'brw-r--r-- 0/0 4095,1048575 1970-01-01 00:00:00 d/block',
  ]);
});

test('GNU tar extracts what we write', () => {
  const out = join(directory, 'out');
  mkdirSync(out);
  const before = entryWith({ name: 'before', mtime: { seconds: -2, nanoseconds: 500_000_000 } });
  const archive = join(directory, 'extracted.tar');
  writeFileSync(archive, archiveOf([...written.filter(({ type }) => type !== 'block-device'), before]));
  tar(out, '-xf', archive, '--xattrs', '--no-same-owner', '-p');
  assert.equal(readFileSync(join(out, 'd', 'file'), 'utf8'), 'x'.repeat(1000));
  assert.equal(lstatSync(join(out, 'd', 'file')).mode & 0o7777, 0o751);
  assert.equal(lstatSync(join(out, 'd', 'hard')).ino, lstatSync(join(out, 'd', 'file')).ino);
  assert.equal(readlinkSync(join(out, 'd', 'link')), `../${long}`);
  assert.ok(lstatSync(join(out, 'd', 'fifo')).isFIFO());
  const odd = lstatSync(Buffer.from(`${out}/d/caf\xe9`, 'latin1'), { bigint: true });
  assert.equal(odd.mtimeNs, 5_123_456_789n);
  assert.equal(lstatSync(join(out, 'before'), { bigint: true }).mtimeNs, -1_500_000_000n);
  const value = run('getfattr', [
    '--absolute-names',
    '-e',
    'hex',
    '-n',
    'user.a=b',
    join(out, 'd', 'attributes'),
  ]);
  assert.match(value.toString(), /user\.a\\075b=0x00ff0a/);
});
