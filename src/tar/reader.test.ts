import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTarReader, type TarReader } from './index.ts';
import { end, pax, raw, readAll, type Found, type RawFields } from './raw-archive.suite.ts';

/** The one entry of an archive made from these parts. */
function one(...parts: Buffer[]): Found {
  const found = readAll(Buffer.concat([...parts, end]));
  assert.equal(found.length, 1);
  return found[0]!;
}

const entryOf = (fields: RawFields): Found['entry'] => one(raw(fields)).entry;
const fails = (code: string, ...parts: Buffer[]): void => {
  assert.throws(() => readAll(Buffer.concat(parts)), { name: 'GantryError', code });
};

test('a ustar header is read field by field', () => {
  const { entry, content } = one(
    raw({
      name: 'c.txt',
      data: 'hello',
      at: {
        100: '0104755\0',
        108: '0001750\0',
        116: '0000144\0',
        136: '14371573237\0',
        265: 'me',
        297: 'users',
        345: 'a/b',
      },
    }),
  );
  assert.deepEqual(entry, {
    type: 'file',
    name: 'a/b/c.txt',
    linkName: '',
    mode: 0o104755,
    uid: 1000,
    gid: 100,
    size: 5,
    mtime: { seconds: 0o14371573237, nanoseconds: 0 },
    uname: 'me',
    gname: 'users',
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
  });
  assert.equal(content, 'hello');
});

test('names fill their fields without a NUL, and stay as they are', () => {
  const name = './'.padEnd(99, 'n') + '/';
  assert.equal(entryOf({ name, flag: '5', at: { 345: 'p'.repeat(155) } }).name, `${'p'.repeat(155)}/${name}`);
  assert.equal(entryOf({ name: '/../a//', flag: '5' }).name, '/../a//');
  assert.equal(entryOf({ name: 'caf\xe9' }).name, 'caf\xe9');
});

test('each typeflag has its type, and what is unknown keeps its typeflag and its data', () => {
  const types = ['0', '1', '2', '3', '4', '5', '6', '7', '\0'].map((flag) => entryOf({ flag }).type);
  assert.deepEqual(types, [
    'file',
    'hardlink',
    'symlink',
    'character-device',
    'block-device',
    'directory',
    'fifo',
    'file',
    'file',
  ]);
  const { entry, content } = one(raw({ flag: 'Z', data: 'kept' }));
  assert.deepEqual([entry.type, entry.typeflag, entry.size, content], ['unknown', 'Z', 4, 'kept']);
});

test('a v7 header has no owner names and no devices, and a directory by its slash', () => {
  const entry = entryOf({
    name: 'd/',
    flag: '\0',
    format: 'v7',
    at: { 265: 'junk', 329: 'junk', 345: 'junk' },
  });
  assert.deepEqual([entry.type, entry.uname, entry.name, entry.deviceMajor], ['directory', '', 'd/', 0]);
  assert.equal(one(pax([`path=${'l'.repeat(120)}/`]), raw({ flag: '\0' })).entry.type, 'directory');
  assert.equal(entryOf({ name: 'd/', flag: '0' }).type, 'file');
});

test('devices have numbers, and other types none', () => {
  const at = { 329: '0000010\0', 337: '0000003\0' };
  const device = entryOf({ flag: '3', at });
  assert.deepEqual([device.deviceMajor, device.deviceMinor], [8, 3]);
  const file = entryOf({ flag: '0', at });
  assert.deepEqual([file.deviceMajor, file.deviceMinor], [0, 0]);
});

test('numbers may be blank, spaced, unterminated or base-256, also negative', () => {
  const entry = entryOf({
    at: {
      100: '   644 \0',
      108: '\0'.repeat(8),
      116: '\x80\0\0\0\x7f\xff\xff\xff',
      136: '\xff'.repeat(11) + '\xfe',
    },
  });
  assert.deepEqual([entry.mode, entry.uid, entry.gid, entry.mtime.seconds], [0o644, 0, 0x7fffffff, -2]);
  assert.equal(entryOf({ at: { 136: '777777777777' } }).mtime.seconds, 8 ** 12 - 1);
  assert.equal(entryOf({ at: { 108: '\xff'.repeat(7) + '\xfe' } }).uid, -2);
});

test('numbers that are no numbers, negative sizes and sizes beyond a safe integer are refused', () => {
  fails('tar-header', raw({ at: { 108: '00x0000\0' } }));
  fails('tar-header', raw({ at: { 124: '\xff'.repeat(12) } }));
  fails('tar-header', raw({ at: { 124: '\x80\0\0\0\x7f'.padEnd(12, '\xff') } }));
  fails('tar-header', pax(['size=-1']), raw({}));
  fails('tar-header', pax(['size=99999999999999999']), raw({}));
  fails('tar-header', pax(['mtime=1e9']), raw({}));
});

test('the checksum holds with unsigned and with signed characters, or the header is refused', () => {
  assert.equal(entryOf({ name: '\xff\xfe' }).name, '\xff\xfe');
  assert.equal(entryOf({ name: '\xff\xfe', checksum: 'signed' }).name, '\xff\xfe');
  fails('tar-header', raw({ checksum: 'none' }));
  fails('tar-header', raw({ name: 'ok' }), Buffer.alloc(512, 'garbage '));
});

test('an error names the place of the header, and comes again from each later call', () => {
  const reader: TarReader = createTarReader({
    entry: () => {},
    data: () => {},
    hole: () => {},
    entryEnd: () => {},
  });
  const damaged = { code: 'tar-header', subject: { position: 1024 } };
  reader.write(raw({ data: 'a' }));
  assert.throws(() => {
    reader.write(raw({ checksum: 'none' }));
  }, damaged);
  assert.throws(() => {
    reader.write(raw({}));
  }, damaged);
  assert.throws(() => {
    reader.end();
  }, damaged);
});

test('types without data have none, whatever their header and their pax header say', () => {
  for (const flag of '123456') {
    const found = readAll(
      Buffer.concat([pax(['size=512']), raw({ flag, size: 512 }), raw({ name: 'next' }), end]),
    );
    assert.deepEqual(
      found.map(({ entry }) => [entry.name, entry.size]),
      [
        ['x', 0],
        ['next', 0],
      ],
    );
  }
});

test('a pax size wins over the header, and belongs to the file and not to a long name before it', () => {
  const archive = [pax(['size=3']), raw({ flag: 'L', data: 'long name\0' }), raw({ data: 'abc', size: 512 })];
  const { entry, content } = one(...archive);
  assert.deepEqual([entry.name, entry.size, content], ['long name', 3, 'abc']);
});

test('pax records replace the fields of the header', () => {
  const records = ['path=p\xc3\xa9', 'linkpath=l', 'uid=4000000', 'gid=-2', 'uname=u', 'gname=g'];
  const { entry } = one(pax([...records, 'mtime=-1.25', 'atime=12.3456789019']), raw({ flag: '2' }));
  assert.deepEqual(
    [entry.name, entry.linkName, entry.uid, entry.gid, entry.uname, entry.gname],
    ['p\xc3\xa9', 'l', 4000000, -2, 'u', 'g'],
  );
  assert.deepEqual(entry.mtime, { seconds: -2, nanoseconds: 750_000_000 });
  assert.deepEqual(entry.atime, { seconds: 12, nanoseconds: 345_678_901 });
});

test('extended attributes keep their bytes in both forms, and the exact form wins', () => {
  const { xattrs } = one(
    pax([
      'SCHILY.xattr.security.capability=\x01\0\0\x02=\n\xff',
      'SCHILY.xattr.user.empty=',
      'SCHILY.xattr.user.a%3Db%25=v',
      'SCHILY.xattr.user.both=exact',
      `LIBARCHIVE.xattr.user.both=${Buffer.from('other').toString('base64')}`,
      'LIBARCHIVE.xattr.user.%e4%20=AP8K',
    ]),
    raw({}),
  ).entry;
  const texts = [...xattrs].map(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
  assert.deepEqual(
    new Map(texts as [string, string][]),
    new Map([
      ['security.capability', '\x01\0\0\x02=\n\xff'],
      ['user.empty', ''],
      ['user.a=b%', 'v'],
      ['user.both', 'exact'],
      ['user.\xe4 ', '\0\xff\n'],
    ]),
  );
  fails('tar-header', pax(['LIBARCHIVE.xattr.user.x=*']), raw({}));
});

test('a value outlives the chunk that it came in', () => {
  const archive = Buffer.concat([pax(['SCHILY.xattr.user.x=value']), raw({}), end]);
  const [found] = readAll(archive);
  archive.fill(0);
  assert.equal(Buffer.from(found!.entry.xattrs.get('user.x')!).toString(), 'value');
});

test('damaged pax records are refused', () => {
  for (const data of [
    '8 a=bc\n',
    '6 a=b',
    '5 =b\n',
    '6 a=b\nx',
    'a=b\n',
    '5 abc\n',
    '99999999999999999999 a=b\n',
    '\0',
  ]) {
    fails('tar-header', raw({ flag: 'x', data }), raw({}));
  }
  fails('tar-header', pax(['path=a\0b']), raw({}));
});

test('a global header gives owners and times to all that follow, and an empty record takes one back', () => {
  const archive = Buffer.concat([
    pax(['uid=7', 'uname=all', 'path=ignored', 'size=99'], 'g'),
    raw({ name: 'a' }),
    pax(['uid=', 'uname=own']),
    raw({ name: 'b', at: { 108: '0000005\0' } }),
    pax(['gid=9'], 'g'),
    raw({ name: 'c' }),
    end,
  ]);
  assert.deepEqual(
    readAll(archive).map(({ entry }) => [entry.name, entry.uid, entry.gid, entry.uname, entry.size]),
    [
      ['a', 7, 0, 'all', 0],
      ['b', 5, 0, 'own', 0],
      ['c', 7, 9, 'all', 0],
    ],
  );
});

test('long GNU names win over pax and over the header, and serve one entry', () => {
  const parts = [raw({ flag: 'K', data: 'target\0' }), raw({ flag: 'L', data: 'long' }), pax(['path=p'])];
  const found = readAll(Buffer.concat([...parts, raw({ flag: '2' }), raw({ name: 'next' }), end]));
  assert.deepEqual(
    found.map(({ entry }) => [entry.name, entry.linkName]),
    [
      ['long', 'target'],
      ['next', ''],
    ],
  );
});

test('an empty GNU name leaves the one of the header', () => {
  assert.equal(one(raw({ flag: 'L' }), raw({ name: 'kept' })).entry.name, 'kept');
});

test('times in a GNU header are no prefix, and the prefix that old Go wrote there is one', () => {
  assert.equal(entryOf({ format: 'gnu', at: { 345: '14371573237\0', 357: '14371573237\0' } }).name, 'x');
  assert.equal(entryOf({ format: 'gnu', at: { 345: 'usr/share/doc' } }).name, 'usr/share/doc/x');
});

test('a star header has a short prefix', () => {
  const at = { 345: 'p'.repeat(131), 476: '14371573237\0', 508: 'tar\0' };
  assert.equal(entryOf({ at }).name, `${'p'.repeat(131)}/x`);
});

test('an archive ends with two blocks of zeros, and what follows them is ignored', () => {
  assert.deepEqual(readAll(Buffer.concat([end, Buffer.from('rest')])), []);
  assert.equal(readAll(Buffer.concat([raw({}), end, raw({})])).length, 1);
  fails('tar-header', raw({}), Buffer.alloc(512), raw({}));
});

test('an archive may lack its end or the padding of its last entry', () => {
  assert.deepEqual(readAll(Buffer.alloc(0)), []);
  assert.equal(readAll(raw({ data: 'abc' })).length, 1);
  assert.equal(readAll(Buffer.concat([raw({}), Buffer.alloc(512)])).length, 1);
  assert.equal(readAll(raw({ data: 'abc' }).subarray(0, 515))[0]!.content, 'abc');
});

test('an archive that ends elsewhere is truncated', () => {
  fails('tar-truncated', raw({ data: 'abc' }).subarray(0, 514));
  fails('tar-truncated', raw({}).subarray(0, 511));
  fails('tar-truncated', raw({ flag: 'x', data: '6 a=b\n' }).subarray(0, 515));
  fails('tar-truncated', pax(['uid=1']));
  fails('tar-truncated', raw({ flag: 'L', data: 'name' }), end);
});

test('an extended header above the limit is refused before it is held', () => {
  for (const flag of 'xgLK') fails('tar-limit', raw({ flag, size: (1 << 20) + 1 }));
  const archive = Buffer.concat([raw({ flag: 'L', data: 'n'.repeat(65) }), raw({}), end]);
  assert.throws(() => readAll(archive, { limits: { headerBytes: 64 } }), {
    kind: 'resource-exhausted',
    code: 'tar-limit',
  });
  assert.equal(readAll(archive, { limits: { headerBytes: 65 } }).length, 1);
});

test('data are views into the chunk that was written', () => {
  const archive = raw({ data: 'abc' });
  let seen: Uint8Array | undefined;
  const data = (chunk: Uint8Array): void => {
    seen = chunk;
  };
  createTarReader({ entry: () => {}, data, hole: () => {}, entryEnd: () => {} }).write(archive);
  assert.equal(seen?.buffer, archive.buffer);
});
