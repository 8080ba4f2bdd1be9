import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteName, encodeHeader, padding, utf8Name, type TarEntry } from './index.ts';
import { archiveOf, entryWith } from './entry.suite.ts';
import { readAll } from './raw-archive.suite.ts';

/** What the reader makes of the entry that the writer wrote. */
const back = (properties: Partial<TarEntry>): TarEntry =>
  readAll(archiveOf([entryWith(properties)]))[0]!.entry;

const records = (properties: Partial<TarEntry>): string => {
  const header = Buffer.from(encodeHeader(entryWith(properties)));
  return header.length === 512 ? '' : header.subarray(512, -512).toString('latin1').replace(/\0+$/, '');
};

test('an entry that fits is one ustar block', () => {
  const block = Buffer.from(encodeHeader(entryWith({ name: 'dir/file', size: 5, uid: 1000, uname: 'me' })));
  assert.equal(block.length, 512);
  assert.equal(block.toString('latin1', 257, 265), 'ustar\x0000');
  assert.equal(block.toString('latin1', 100, 136), '0000644\0' + '0001750\0' + '0000000\0' + '00000000005\0');
  assert.match(block.toString('latin1', 148, 156), /^[0-7]{6}\0 $/);
});

test('a long name is split at a slash when it can be, and is a pax record when not', () => {
  const split = `${'a'.repeat(150)}/${'b'.repeat(100)}`;
  assert.equal(records({ name: split }), '');
  assert.equal(back({ name: split }).name, split);
  for (const name of [
    'c'.repeat(101),
    `${'a'.repeat(156)}/b`,
    `${'a'.repeat(101)}/`,
    `/${'a'.repeat(101)}`,
  ]) {
    assert.equal(records({ name }), `${name.length + 10} path=${name}\n`);
    assert.equal(back({ name }).name, name);
  }
});

test('what ustar cannot hold is a pax record, sorted by keyword', () => {
  const written = records({
    size: 8 ** 11,
    uid: 8 ** 7,
    gid: -1,
    uname: 'u'.repeat(32),
    gname: '\xe9',
    linkName: 'l'.repeat(101),
    mtime: { seconds: 1, nanoseconds: 500_000_000 },
    atime: { seconds: 2, nanoseconds: 0 },
    xattrs: new Map([
      ['user.b', Buffer.from('2')],
      ['user.a', Buffer.from('1')],
    ]),
  });
  assert.deepEqual(written.split('\n'), [
    '25 SCHILY.xattr.user.a=1',
    '25 SCHILY.xattr.user.b=2',
    '11 atime=2',
    '9 gid=-1',
    '11 gname=\xe9',
    `115 linkpath=${'l'.repeat(101)}`,
    '13 mtime=1.5',
    '19 size=8589934592',
    '15 uid=2097152',
    `42 uname=${'u'.repeat(32)}`,
    '',
  ]);
});

test('the length of a record counts its own digits', () => {
  for (const length of [85, 86, 87, 88, 89, 90, 91, 980, 985, 986, 990]) {
    const name = '\xe9'.repeat(length);
    assert.equal(back({ name }).name, name);
  }
});

test('the largest and the smallest numbers survive', () => {
  for (const properties of [
    { mtime: { seconds: 8 ** 11 - 1, nanoseconds: 0 } },
    { mtime: { seconds: 8 ** 11, nanoseconds: 0 } },
    { mtime: { seconds: -1, nanoseconds: 999_999_999 } },
    { mtime: { seconds: -1, nanoseconds: 0 } },
    { mtime: { seconds: 0, nanoseconds: 1 } },
    { uid: 0xffff_fffe, gid: 8 ** 7 - 1 },
    { type: 'block-device', deviceMajor: 4095, deviceMinor: 1_048_575 },
  ] satisfies Partial<TarEntry>[]) {
    assert.deepEqual(back(properties), entryWith(properties));
  }
});

test('a size beyond 8 GiB is written as it is', () => {
  assert.equal(records({ size: 2 ** 40 }), '22 size=1099511627776\n');
});

test('an entry that no archive can hold is refused', () => {
  for (const properties of [
    { name: 'a\0b' },
    { name: 'caf\u00e9 \u4e2d' },
    { linkName: '\0' },
    { mode: -1 },
    { mode: 8 ** 7 },
    { deviceMinor: 8 ** 7 },
    { size: 1.5 },
    { size: -1 },
    { uid: NaN },
    { mtime: { seconds: 0, nanoseconds: 1e9 } },
    { type: 'directory', size: 1 },
    { type: 'unknown' },
    { type: 'unknown', typeflag: 'x' },
    { type: 'unknown', typeflag: '0' },
    { xattrs: new Map([['', Buffer.alloc(0)]]) },
  ] satisfies Partial<TarEntry>[]) {
    assert.throws(() => encodeHeader(entryWith(properties)), { kind: 'invalid-argument', code: 'tar-entry' });
  }
});

test('padding goes up to the next block, also beyond 32 bits', () => {
  assert.deepEqual(
    [0, 1, 511, 512, 513, 2 ** 40 + 1].map((size) => padding(size).length),
    [0, 511, 1, 0, 511, 511],
  );
});

test('names convert between bytes and text', () => {
  assert.equal(byteName('é中'), '\xc3\xa9\xe4\xb8\xad');
  assert.equal(utf8Name('\xc3\xa9\xe4\xb8\xad'), 'é中');
  assert.equal(utf8Name('\xff'), '\ufffd');
});
