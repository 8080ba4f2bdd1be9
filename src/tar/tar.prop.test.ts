import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findError } from '#errors';
import { type TarEntry, type TarTime, type TarType } from './index.ts';
import { archiveOf, entryWith } from './entry.suite.ts';
import { end, pax, raw, readAll, type Found } from './raw-archive.suite.ts';

/** Repeats of a few characters: long enough to leave the header, without long lists to shrink. */
const byteString = (min: number, max: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.stringMatching(/^[\x01-\xff]{1,4}$/), fc.boolean(), fc.integer({ min, max }))
    .map(([part, plain, length]) => (plain ? 'ab/c' : part).repeat(length).slice(0, length));

const name = fc.oneof(byteString(1, 300), fc.stringMatching(/^[a-z]{1,90}(\/[a-z]{1,90}){0,3}\/?$/));
const number = (min: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min, max: 2 ** 32 - 1 }), fc.maxSafeInteger());
const time: fc.Arbitrary<TarTime> = fc.record(
  {
    seconds: fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.integer(),
      fc.maxSafeInteger().map((seconds) => Math.trunc(seconds / 2) + 0),
    ),
    nanoseconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 })),
  },
  { noNullPrototype: true },
);
const plainTypes: TarType[] = ['file', 'hardlink', 'symlink', 'directory', 'fifo'];
const common = {
  name,
  linkName: fc.oneof(fc.constant(''), name),
  mode: fc.integer({ min: 0, max: 8 ** 7 - 1 }),
  uid: number(-(2 ** 31)),
  gid: number(-(2 ** 31)),
  mtime: time,
  uname: byteString(0, 40),
  gname: byteString(0, 40),
  xattrs: fc
    .uniqueArray(fc.tuple(byteString(1, 20), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 3,
      selector: ([key]) => key,
    })
    .map((pairs) => new Map(pairs)),
};
const entry: fc.Arbitrary<TarEntry> = fc
  .oneof(
    fc.record({ ...common, type: fc.constantFrom(...plainTypes) }),
    fc.record({ ...common, atime: time, size: fc.integer({ min: 0, max: 2000 }) }),
    fc.record({
      ...common,
      type: fc.constantFrom<TarType>('character-device', 'block-device'),
      deviceMajor: fc.integer({ min: 0, max: 8 ** 7 - 1 }),
      deviceMinor: fc.integer({ min: 0, max: 8 ** 7 - 1 }),
    }),
    fc.record({
      ...common,
      type: fc.constant<TarType>('unknown'),
      typeflag: fc.constantFrom('A', 'D', '\xff', ' '),
    }),
  )
  .map(entryWith);

test('what the writer writes, the reader reads', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
      const found = readAll(archiveOf(entries));
      assert.deepEqual(
        found,
        entries.map((written) => ({ entry: written, content: 'x'.repeat(written.size) })),
      );
    }),
    { numRuns: 200 },
  );
});

test('the same entry gives the same bytes, whatever the order of its attributes', () => {
  fc.assert(
    fc.property(entry, (written) => {
      const reversed = { ...written, xattrs: new Map([...written.xattrs].reverse()) };
      assert.deepEqual(archiveOf([written]), archiveOf([reversed]));
    }),
    { numRuns: 50 },
  );
});

/** One of each trap: long names, pax, global pax, the sparse formats, an unknown type. */
const zoo = Buffer.concat([
  pax(['uname=everyone'], 'g'),
  raw({ name: 'plain', data: 'p'.repeat(700) }),
  raw({ flag: 'L', data: 'n'.repeat(600) }),
  raw({ flag: 'K', data: 'k'.repeat(20) }),
  raw({ flag: '2' }),
  pax(['path=p', 'mtime=1.5', 'SCHILY.xattr.user.x=\0\xff']),
  raw({ data: 'd' }),
  raw({ flag: 'S', format: 'gnu', data: 'ab', at: { 386: '5\0', 398: '2\0', 482: '\0', 483: '20\0' } }),
  pax(['GNU.sparse.size=20', 'GNU.sparse.map=2,3,10,2']),
  raw({ data: 'abcde' }),
  pax(['GNU.sparse.major=1', 'GNU.sparse.minor=0', 'GNU.sparse.realsize=20', 'GNU.sparse.name=s']),
  raw({ data: '2\n2\n3\n10\n2\n'.padEnd(512, '\0') + 'abcde' }),
  raw({ name: 'old/', flag: '\0', format: 'v7' }),
  raw({ flag: 'Z', data: 'unknown' }),
  end,
]);

test('the entries are the same however the archive is cut', () => {
  const whole = readAll(zoo);
  assert.equal(whole.length, 8);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), (cut) => {
      assert.deepEqual(readAll(zoo, { cut }), whole);
    }),
    { numRuns: 100 },
  );
});

/** What is found, or the code of the GantryError. Any other error fails the test. */
function outcome(archive: Uint8Array, cut: number): readonly Found[] | string {
  try {
    return readAll(archive, { cut, limits: { headerBytes: 4096, sparsePieces: 100 } });
  } catch (error) {
    const found = findError(error);
    if (found === undefined) throw error;
    return found.code;
  }
}

/** Mends the checksums, so that a mutated field is met and not only the wrong sum. */
function mend(archive: Buffer): Buffer {
  for (let at = 0; at < archive.length; at += 512) {
    if (archive.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    archive.fill(' ', at + 148, at + 156);
    const sum = archive.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    archive.write(`${sum.toString(8).padStart(6, '0')}\0`, at + 148, 'latin1');
  }
  return archive;
}

test('mutated archives are read or refused with a GantryError, alike however they are cut', () => {
  const mutation = fc.tuple(
    fc.nat(zoo.length - 1),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 0x30, 0x37, 0x80, 0xff)),
  );
  fc.assert(
    fc.property(
      fc.array(mutation, { minLength: 1, maxLength: 8 }),
      fc.nat(zoo.length),
      fc.integer({ min: 1, max: 1500 }),
      (mutations, length, cut) => {
        const archive = Buffer.from(zoo);
        for (const [at, byte] of mutations) archive[at] = byte;
        const mutated = mend(archive).subarray(0, length % 3 === 0 ? length : undefined);
        assert.deepEqual(outcome(mutated, cut), outcome(mutated, mutated.length));
      },
    ),
    { numRuns: 500 },
  );
});

test('headers of random bytes are read or refused with a GantryError', () => {
  const block = fc.uint8Array({ minLength: 512, maxLength: 512 });
  const typeflag = fc.constantFrom('0', '1', '5', 'S', 'x', 'g', 'L', 'K', '\0', 'V');
  fc.assert(
    fc.property(fc.array(fc.tuple(block, typeflag, fc.boolean()), { maxLength: 4 }), (blocks) => {
      const archive = Buffer.concat(blocks.map(([bytes]) => bytes));
      blocks.forEach(([, flag, numbers], index) => {
        archive.write(flag, index * 512 + 156, 'latin1');
        archive.write(flag === 'S' ? 'ustar  \0' : 'ustar\x0000', index * 512 + 257, 'latin1');
        if (numbers) archive.write('1\0'.repeat(24), index * 512 + 100, 'latin1');
      });
      outcome(mend(archive), 512);
    }),
    { numRuns: 200 },
  );
});
