/** Needs root: owners, devices and trusted attributes. Layers that mean harm, and what a layer becomes on disk. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findError } from '#errors';
import { getXattr, listXattrs } from '#host';
import { openUnpacker, type UnpackOptions, type UnpackResult } from '#layer';
import { describeTree } from '../support/describe-tree.ts';
import { tarOf, type EntryWords } from '../support/tar-entries.ts';

const directory = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gantry-layer-')));
const unpacker = openUnpacker({ threads: 1 });
after(async () => {
  await unpacker[Symbol.asyncDispose]();
  fs.rmSync(directory, { recursive: true });
});

let runs = 0;
function fresh(): { file: string; target: string; outside: string } {
  const place = join(directory, String(runs++));
  const [target, outside] = [join(place, 'target'), join(place, 'outside')];
  for (const path of [target, outside]) fs.mkdirSync(path, { recursive: true });
  fs.writeFileSync(join(outside, 'secret'), 'secret');
  return { file: join(place, 'layer.tar'), target, outside };
}

async function unpack(
  entries: readonly EntryWords[],
  mode: NonNullable<UnpackOptions['mode']> = 'alone',
  { file, target } = fresh(),
): Promise<UnpackResult & { target: string }> {
  fs.writeFileSync(file, tarOf(entries));
  return { ...(await unpacker.unpack({ path: file }, { target, mode })), target };
}

const fails = (code: string) => (error: unknown) => findError(error, { code }) !== undefined;
const modes = ['alone', 'base', 'merged'] as const;

test('no symlink leads out of the target', async () => {
  for (const mode of modes) {
    const place = fresh();
    const layer: EntryWords[] = [
      { name: 'absolute', type: 'symlink', linkName: place.outside },
      { name: 'dots', type: 'symlink', linkName: '../outside' },
      { name: 'root', type: 'symlink', linkName: '/' },
      { name: 'self', type: 'symlink', linkName: '/proc/self/cwd' },
      { name: 'root/inside', content: 'x' },
      { name: 'absolute/secret', content: 'overwritten' },
      { name: 'dots/secret', content: 'overwritten' },
      { name: 'self/here', content: 'x' },
      { name: 'dots/.wh.secret' },
      { name: 'absolute/.wh..wh..opq' },
    ];
    const result = await unpack(layer, mode, place);
    assert.equal(fs.readFileSync(join(place.outside, 'secret'), 'utf8'), 'secret', mode);
    assert.deepEqual(fs.readdirSync(place.outside), ['secret']);
    assert.ok(fs.existsSync(join(result.target, 'inside')));
    await assert.rejects(
      unpack(
        [...layer, { name: 'stolen', type: 'hardlink', linkName: 'dots/nothing' }],
        mode === 'alone' ? 'merged' : mode,
      ),
      fails('layer-tar'),
    );
  }
});

test('a symlink in the place of what was there is not followed', async () => {
  for (const mode of modes) {
    const place = fresh();
    const { target } = await unpack(
      [
        { name: 'file', type: 'symlink', linkName: join(place.outside, 'secret') },
        { name: 'file', content: 'own' },
        { name: 'directory', type: 'symlink', linkName: place.outside },
        { name: 'directory/', mode: 0o711, uid: 5 },
        { name: 'directory/inside', content: 'own' },
        { name: 'link', type: 'symlink', linkName: join(place.outside, 'secret') },
        { name: 'node', type: 'symlink', linkName: place.outside },
        { name: 'node', type: 'fifo', mode: 0o777, uid: 5 },
      ],
      mode,
      place,
    );
    assert.equal(fs.readFileSync(join(target, 'file'), 'utf8'), 'own');
    assert.ok(fs.lstatSync(join(target, 'directory')).isDirectory());
    assert.deepEqual(fs.readdirSync(place.outside), ['secret']);
    assert.equal(fs.statSync(place.outside).uid, 0);
    assert.equal(fs.readFileSync(join(place.outside, 'secret'), 'utf8'), 'secret');
  }
});

test('names and links that lead out are refused', async () => {
  for (const entry of [
    { name: '../x' },
    { name: 'a/../../x' },
    { name: '../.wh.secret' },
    { name: 'x', type: 'hardlink', linkName: '../outside/secret' },
  ] as const) {
    await assert.rejects(unpack([entry]), fails('layer-escape'), entry.name);
  }
});

test('entries that cannot be are refused, and the next layer is unpacked', async () => {
  const deep = 'd'.repeat(200);
  for (const entries of [
    [{ name: './', type: 'symlink', linkName: '/' }],
    [{ name: '.wh.' }],
    [{ name: 'd/' }, { name: 'd/.wh...' }],
    [{ name: 'd/' }, { name: 'l', type: 'hardlink', linkName: 'd' }],
    [{ name: 'x', type: 'unknown', typeflag: 'Z' }],
    [{ name: 'n'.repeat(256) }],
    [{ name: 'x', uid: 2 ** 32 }],
    [{ name: 'x', gid: 2 ** 32 - 1 }],
    [{ name: 'loop', type: 'symlink', linkName: 'loop' }, { name: 'loop/x' }],
    Array.from({ length: 20 }, (_, depth) => ({ name: `${deep}/`.repeat(depth + 1) })),
  ] as const satisfies readonly (readonly EntryWords[])[]) {
    await assert.rejects(unpack(entries), fails('layer-tar'), JSON.stringify(entries).slice(0, 80));
  }
  assert.equal((await unpack([{ name: 'fine' }])).dependsOnLower, undefined);
});

test("a layer cannot set overlayfs's own marks but by whiteouts", async () => {
  const { target } = await unpack([
    {
      name: 'd/',
      xattrs: { 'trusted.overlay.redirect': '/etc', 'trusted.overlay.opaque': 'y', 'user.own': '1' },
    },
    { name: 'f', xattrs: { 'trusted.overlay.metacopy': '' } },
  ]);
  assert.deepEqual(listXattrs(join(target, 'd')).map(String), ['user.own']);
  assert.deepEqual(listXattrs(join(target, 'f')), []);
});

test('a device 0:0 is the whiteout that overlayfs takes it for', async () => {
  const device: EntryWords = { name: 'd/gone', type: 'character-device' };
  const alone = await unpack([{ name: 'd/' }, device]);
  assert.ok(fs.lstatSync(join(alone.target, 'd/gone')).isCharacterDevice());
  const place = fresh();
  fs.mkdirSync(join(place.target, 'd'));
  fs.writeFileSync(join(place.target, 'd/gone'), '');
  await unpack([{ name: 'd/' }, device], 'merged', place);
  assert.deepEqual(fs.readdirSync(join(place.target, 'd')), []);
});

test('whiteouts and opaque directories become the marks of overlayfs', async () => {
  const { target } = await unpack([
    { name: 'd/' },
    { name: 'd/.wh.gone' },
    { name: 'o/' },
    { name: 'o/.wh..wh..opq' },
    { name: '.wh..wh.plnk/' },
    { name: '.wh..wh.plnk/1.2' },
    { name: '.wh..wh.aufs' },
  ]);
  const gone = fs.lstatSync(join(target, 'd/gone'));
  assert.ok(gone.isCharacterDevice() && gone.rdev === 0);
  assert.equal(String(getXattr(join(target, 'o'), 'trusted.overlay.opaque')), 'y');
  assert.deepEqual(fs.readdirSync(target).sort(), ['d', 'o']);
});

test('a layer that depends on others is read to its end', async () => {
  const entries = [{ name: 'tmp/new', content: 'four' }, { name: 'd/' }, { name: 'd/x', content: '12345' }];
  const alone = await unpack(entries);
  const base = await unpack(entries, 'base');
  assert.match(alone.dependsOnLower ?? '', /tmp/);
  assert.deepEqual({ ...alone, target: '' }, { ...base, target: '' });
  assert.equal(alone.size, 9);
  assert.deepEqual(fs.readdirSync(base.target).sort(), ['d', 'tmp']);
  assert.equal(fs.statSync(join(base.target, 'tmp')).mode & 0o7777, 0o755);
});

test('a directory of the layers below keeps its time when one that is only implied is made in it', async () => {
  const place = fresh();
  await unpack([{ name: 'd/', mtime: 5 }], 'merged', place);
  await unpack([{ name: 'd/made/deep/file' }], 'merged', place);
  assert.equal(fs.statSync(join(place.target, 'd')).mtimeMs, 5000);
});

test("a directory that is only implied is root's, within one that hands on its group too", async () => {
  const { target } = await unpack([{ name: 'sg/', mode: 0o2775, gid: 50 }, { name: 'sg/made/file' }], 'base');
  const facts = fs.statSync(join(target, 'sg/made'));
  assert.deepEqual([facts.mode & 0o7777, facts.uid, facts.gid], [0o755, 0, 0]);
});

test('the root takes the metadata of its entry', async () => {
  const { target } = await unpack([{ name: './', mode: 0o700, uid: 3, mtime: 77 }, { name: './x' }]);
  const facts = fs.statSync(target);
  assert.deepEqual([facts.mode & 0o7777, facts.uid, facts.mtimeMs], [0o700, 3, 77_000]);
});

test('a hard link to itself changes nothing', async () => {
  const { target } = await unpack([
    { name: 'a', content: 'kept' },
    { name: './a', type: 'hardlink', linkName: 'a' },
  ]);
  assert.equal(fs.readFileSync(join(target, 'a'), 'utf8'), 'kept');
});

test('a tree of real files comes out as GNU tar has it: sparse files, links, attributes, fractions of seconds', async () => {
  const { file, target } = fresh();
  const source = fresh().target;
  const sparse = fs.openSync(join(source, 'sparse'), 'w');
  fs.writeSync(sparse, 'in the middle', 5_000_000);
  fs.ftruncateSync(sparse, 9_000_000);
  fs.closeSync(sparse);
  fs.mkdirSync(join(source, 'sub'), { mode: 0o750 });
  fs.writeFileSync(join(source, 'sub', 'file'), 'text');
  fs.linkSync(join(source, 'sub', 'file'), join(source, 'linked'));
  fs.symlinkSync('sub/file', join(source, 'symlink'));
  for (const format of [['--format=pax', '--xattrs'], ['--format=gnu']]) {
    execFileSync('tar', ['-C', source, ...format, '-S', '-cf', file, '.']);
    fs.rmSync(target, { recursive: true });
    fs.mkdirSync(target);
    await unpacker.unpack({ path: file }, { target });
    assert.deepEqual(describeTree(target), describeTree(source));
    assert.ok(fs.statSync(join(target, 'sparse')).blocks < 1000, 'holes stay holes');
  }
  const [ours, theirs] = [target, source].map(
    (root) => fs.statSync(join(root, 'linked'), { bigint: true }).mtimeNs,
  );
  // The last archive, of the older format, has whole seconds.
  assert.equal(ours, theirs! - (theirs! % 1_000_000_000n));
});

test('a full disk is reported as such, and nothing stays open', async () => {
  const place = fresh();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place.target]);
  try {
    const before = fs.readdirSync('/proc/self/fd').length;
    await assert.rejects(
      unpack([{ name: 'd/' }, { name: 'd/big', content: 'x'.repeat(2_000_000) }], 'alone', place),
      fails('errno-enospc'),
    );
    assert.equal(fs.readdirSync('/proc/self/fd').length, before);
  } finally {
    // Fails when anything below is still open.
    execFileSync('umount', [place.target]);
  }
});
