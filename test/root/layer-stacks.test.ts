/**
 * Needs root, and umoci. Each stack of layers holds a trap; it is unpacked in three ways that must agree: each layer
 * by itself and stacked by overlayfs, one after another into one directory, and by umoci.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openUnpacker } from '#layer';
import { openSnapshots } from '#snapshot';
import { describeTree } from '../support/describe-tree.ts';
import { unpackByUmoci } from '../support/foreign-unpackers.ts';
import { tarOf, type EntryWords } from '../support/tar-entries.ts';
import { unpackStack } from '../support/unpack-stack.ts';

const directory = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gantry-stacks-')));
const unpacker = openUnpacker({ threads: 1 });
after(async () => {
  await unpacker[Symbol.asyncDispose]();
  fs.rmSync(directory, { recursive: true });
});

type Stack = readonly (readonly EntryWords[])[];

const base: readonly EntryWords[] = [
  { name: 'tmp/', mode: 0o1777, uid: 7, mtime: 11 },
  { name: 'tmp/old', content: 'old', mode: 0o4755, uid: 3, gid: 4 },
  { name: 'etc/', mtime: 12, xattrs: { 'user.kept': '1' } },
  { name: 'etc/passwd', content: 'root', mode: 0o600 },
  { name: 'etc/linked', type: 'hardlink', linkName: 'etc/passwd' },
  { name: 'etc/deep/' },
  { name: 'etc/deep/er/' },
  { name: 'etc/deep/er/file', content: 'x' },
  { name: 'lib', type: 'symlink', linkName: 'usr/lib' },
  { name: 'usr/' },
  { name: 'usr/lib/' },
  { name: 'usr/lib/so', content: 'so' },
];

const stacks: Readonly<Record<string, { layers: Stack; depends?: readonly number[] }>> = {
  'directories that are only implied keep their mode, owner and time': {
    layers: [base, [{ name: 'tmp/new', content: 'n' }], [{ name: './etc/deep/er/new', content: 'n' }]],
    depends: [1, 2],
  },
  'a root that a lower layer states, seen below a layer that says nothing of it, and one that it states anew':
    {
      layers: [
        [{ name: './', mode: 0o711, uid: 5, gid: 6, mtime: 21, xattrs: { 'user.root': 'r' } }, ...base],
        [{ name: 'etc/' }, { name: 'etc/new' }],
        [{ name: 'etc/deep/only-implied' }],
        [{ name: './', mode: 0o750, mtime: 22 }],
        [{ name: 'last' }],
      ],
      depends: [2],
    },
  'an entry for a directory replaces its mode, owner, time and attributes': {
    layers: [
      base,
      [{ name: 'tmp/', mode: 0o700, uid: 9, mtime: 99 }, { name: 'etc/', mtime: 98 }, { name: 'etc/n' }],
    ],
  },
  'a hard link to a file of a lower layer': {
    layers: [
      base,
      [{ name: 'etc/' }, { name: 'etc/again', type: 'hardlink', linkName: '/etc/deep/er/file' }],
    ],
    depends: [1],
  },
  'a hard link through a symlink of a lower layer': {
    layers: [base, [{ name: 'mine', type: 'hardlink', linkName: 'lib/so' }]],
    depends: [1],
  },
  'a lower symlink to a directory is followed within the root': {
    layers: [base, [{ name: 'lib/new', content: 'new' }]],
    depends: [1],
  },
  'a directory takes the place of a symlink, of a file, and a file that of a directory': {
    layers: [
      base,
      [
        { name: 'lib/' },
        { name: 'lib/mine' },
        { name: 'etc/' },
        { name: 'etc/passwd/' },
        { name: 'etc/passwd/inside' },
        { name: 'etc/deep', content: 'no longer a directory' },
      ],
      [{ name: 'etc/' }, { name: 'etc/deep/' }, { name: 'etc/deep/fresh' }],
    ],
  },
  'whiteouts, of files, directories, symlinks and of nothing': {
    layers: [
      base,
      [
        { name: '.wh.lib' },
        { name: 'etc/' },
        { name: 'etc/.wh.deep' },
        { name: 'etc/.wh.passwd' },
        { name: 'etc/.wh.never' },
        { name: '.wh.nothing' },
      ],
      [{ name: 'etc/' }, { name: 'etc/deep/' }, { name: 'etc/deep/fresh' }],
    ],
  },
  'a whiteout and a file of one name in one layer, in both orders: the file stays': {
    layers: [
      base,
      [
        { name: 'tmp/' },
        { name: 'tmp/.wh.old' },
        { name: 'tmp/old', content: 'new' },
        { name: 'etc/' },
        { name: 'etc/passwd', content: 'new' },
        { name: 'etc/.wh.passwd' },
      ],
    ],
  },
  'a whiteout and a directory of one name in one layer, in both orders: only its own contents stay': {
    layers: [
      base,
      [
        { name: 'etc/' },
        { name: 'etc/.wh.deep' },
        { name: 'etc/deep/' },
        { name: 'etc/deep/mine' },
        { name: 'usr/' },
        { name: 'usr/lib/' },
        { name: 'usr/lib/mine' },
        { name: 'usr/.wh.lib' },
      ],
    ],
  },
  'an opaque directory, marked before, between and after its entries': {
    layers: [
      base,
      [
        { name: 'tmp/' },
        { name: 'tmp/.wh..wh..opq' },
        { name: 'tmp/a' },
        { name: 'etc/' },
        { name: 'etc/a' },
        { name: 'etc/.wh..wh..opq' },
        { name: 'etc/.wh.passwd' },
        { name: 'etc/b' },
        { name: 'usr/' },
        { name: 'usr/lib/' },
        { name: 'usr/lib/c' },
        { name: 'usr/.wh..wh..opq' },
      ],
    ],
  },
  'an opaque root': {
    layers: [base, [{ name: 'etc/' }, { name: 'etc/new' }, { name: '.wh..wh..opq' }]],
    depends: [1],
  },
  'an opaque directory that is only implied': {
    layers: [base, [{ name: 'tmp/.wh..wh..opq' }, { name: 'tmp/a' }]],
    depends: [1],
  },
  'a whiteout within a directory that is only implied': {
    layers: [base, [{ name: 'etc/deep/.wh.er' }]],
    depends: [1],
  },
  'a whiteout within a directory that no lower layer has': {
    layers: [
      base,
      [{ name: 'new/' }, { name: 'new/.wh.nothing' }, { name: 'new/file' }],
      [{ name: 'other' }],
    ],
  },
  'duplicate entries: the last counts, and directories of one name are one': {
    layers: [
      [
        ...base,
        { name: 'etc/passwd', content: 'second', mode: 0o644 },
        { name: 'tmp/', mode: 0o755, mtime: 50 },
        { name: 'usr/lib', type: 'symlink', linkName: '../etc' },
      ],
      [
        { name: 'etc/' },
        { name: 'etc/deep', content: 'file first' },
        { name: 'etc/deep/' },
        { name: 'etc/deep/mine' },
      ],
    ],
  },
  'a base layer whose directories are only implied': {
    layers: [
      [
        { name: 'a/b/c', content: 'c' },
        { name: 'a/', mode: 0o711, mtime: 5 },
      ],
      [{ name: 'x' }],
    ],
    depends: [0],
  },
  'owners, set-id bits, attributes and odd names': {
    layers: [
      [
        { name: 'su', content: 'x', mode: 0o4755, uid: 1, gid: 2, mtime: 7 },
        { name: 'sg/', mode: 0o2775, gid: 50 },
        { name: 'sg/inside', gid: 0 },
        {
          name: 'cap',
          content: 'x',
          uid: 5,
          xattrs: { 'security.capability': '\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0' },
        },
        { name: 'attr/', xattrs: { 'user.a': '\0\xff', 'trusted.t': 'x' } },
        { name: 'link', type: 'symlink', linkName: '/nowhere', uid: 8, mtime: 9 },
        { name: 'null', type: 'character-device', deviceMajor: 1, deviceMinor: 3, mode: 0o666, uid: 6 },
        { name: 'disk', type: 'block-device', deviceMajor: 259, deviceMinor: 70000 },
        { name: 'pipe', type: 'fifo', mode: 0o622, mtime: 3 },
        { name: 'empty' },
        { name: 'na\xefve \xff\n', content: 'bytes' },
        { name: 'old', mtime: 0 },
      ],
    ],
  },
};

let runs = 0;
for (const [name, { layers, depends = [] }] of Object.entries(stacks)) {
  test(name, async () => {
    const place = join(directory, String(runs++));
    fs.mkdirSync(place);
    const archives = layers.map((entries, index) => {
      const path = join(place, `${index}.tar`);
      fs.writeFileSync(path, tarOf(entries));
      return path;
    });
    await using snapshots = await openSnapshots({ directory: join(place, 'snapshots') });
    const stack = await unpackStack(archives, { snapshots, unpacker });
    assert.deepEqual(stack.depends, depends);
    const target = join(place, 'stacked');
    fs.mkdirSync(target);
    await using _mounted = await snapshots.mount(stack.keys, { target });
    const ordered = await unpackInOrder(archives, join(place, 'ordered'));
    assert.deepEqual(describeTree(target), ordered);
    const theirs = describeTree(unpackByUmoci(archives, place));
    assert.deepEqual(timeless(ordered, theirs), theirs);
  });
}

/**
 * `ours` without the times of directories that umoci does not set: those in which it removed something; and with the
 * time that it gives a root that no layer speaks of, 1970.
 */
function timeless(ours: readonly string[], theirs: readonly string[]): string[] {
  return ours.map((line, index) =>
    / 4\d+ \d+:\d+ now/.test(theirs[index] ?? '')
      ? line.replace(/ \d{10,}/, ' now')
      : line.replace(/^(\. .*) now$/, '$1 0'),
  );
}

async function unpackInOrder(archives: readonly string[], target: string): Promise<string[]> {
  fs.mkdirSync(target);
  for (const path of archives) await unpacker.unpack({ path }, { target, mode: 'merged' });
  return describeTree(target);
}
