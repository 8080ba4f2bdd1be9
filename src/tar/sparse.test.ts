import assert from 'node:assert/strict';
import { test } from 'node:test';
import { end, pax, raw, readAll, type Found } from './raw-archive.suite.ts';

const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;
const mapOf = (numbers: readonly number[]): string => numbers.map(octal).join('');

/** An old GNU sparse entry: the first pieces in the header, each further list in an extension block. */
function oldGnu(size: number, lists: readonly (readonly number[])[], data: string): Buffer {
  const [first = [], ...more] = lists;
  const header = raw({
    flag: 'S',
    format: 'gnu',
    size: data.length,
    at: { 386: mapOf(first), 482: more.length > 0 ? '\x01' : '\0', 483: octal(size) },
  });
  const extensions = more.map((list, index) => {
    const block = Buffer.alloc(512);
    block.write(mapOf(list), 'latin1');
    block[504] = index < more.length - 1 ? 1 : 0;
    return block;
  });
  const padded = Buffer.alloc(Math.ceil(data.length / 512) * 512);
  padded.write(data, 'latin1');
  return Buffer.concat([header, ...extensions, padded]);
}

function read(...parts: Buffer[]): Found[] {
  return readAll(Buffer.concat([...parts, raw({ name: 'next', data: 'n' }), end]));
}

function expectSparse(
  archive: Buffer,
  { name = 'x', size = 20 }: { name?: string; size?: number } = {},
): void {
  const [found, next, ...rest] = read(archive);
  assert.deepEqual(
    [found!.entry.type, found!.entry.name, found!.entry.size, found!.content],
    ['file', name, size, '[hole 2]abc[hole 5]de[hole 8]'],
  );
  assert.equal(next!.content, 'n');
  assert.equal(rest.length, 0);
}

const refused = (...parts: Buffer[]): void => {
  assert.throws(() => read(...parts), { code: 'tar-header' });
};

test('an old GNU sparse file has its holes, with the map in the header and in extension blocks', () => {
  expectSparse(oldGnu(20, [[2, 3, 10, 2, 20, 0]], 'abcde'));
  expectSparse(
    oldGnu(
      20,
      [
        [2, 3],
        [10, 2],
        [20, 0],
      ],
      'abcde',
    ),
  );
  expectSparse(oldGnu(20, [[], [2, 3, 10, 2]], 'abcde'));
});

test('a pax sparse file has its holes in the formats 0.0, 0.1 and 1.0', () => {
  const pairs = ['offset=2', 'numbytes=3', 'offset=10', 'numbytes=2'].map((pair) => `GNU.sparse.${pair}`);
  expectSparse(
    Buffer.concat([pax(['GNU.sparse.size=20', 'GNU.sparse.numblocks=2', ...pairs]), raw({ data: 'abcde' })]),
  );
  const map = ['GNU.sparse.numblocks=2', 'GNU.sparse.map=2,3,10,2', 'GNU.sparse.name=real'];
  expectSparse(Buffer.concat([pax(['GNU.sparse.size=20', ...map]), raw({ data: 'abcde' })]), {
    name: 'real',
  });
  const version = [
    'GNU.sparse.major=1',
    'GNU.sparse.minor=0',
    'GNU.sparse.name=real',
    'GNU.sparse.realsize=20',
  ];
  const data = '3\n2\n3\n10\n2\n20\n0\n'.padEnd(512, '\0') + 'abcde';
  expectSparse(Buffer.concat([pax(version), raw({ data })]), { name: 'real' });
});

test('a map of format 1.0 may cross blocks', () => {
  const pieces = Array.from({ length: 200 }, (_, index) => [index * 10, 1]);
  const map = [pieces.length, ...pieces.flat()].join('\n') + '\n';
  const data = map.padEnd(Math.ceil(map.length / 512) * 512, '\0') + 'z'.repeat(200);
  const header = pax(['GNU.sparse.major=1', 'GNU.sparse.minor=0', 'GNU.sparse.realsize=2000']);
  assert.equal(read(header, raw({ data }))[0]!.content, 'z[hole 9]'.repeat(200));
});

test('a file of one hole has no data', () => {
  const [found] = read(oldGnu(1e9, [[1e9, 0]], ''));
  assert.deepEqual([found!.entry.size, found!.content], [1e9, '[hole 1000000000]']);
  const [empty] = read(pax(['GNU.sparse.size=7', 'GNU.sparse.numblocks=0', 'GNU.sparse.map=']), raw({}));
  assert.equal(empty!.content, '[hole 7]');
});

test('a map that contradicts itself, the size or the data is refused', () => {
  refused(oldGnu(20, [[10, 3, 2, 2]], 'abcde'));
  refused(oldGnu(20, [[2, 3, 4, 2]], 'abcde'));
  refused(oldGnu(11, [[2, 3, 10, 2]], 'abcde'));
  refused(oldGnu(20, [[2, 3]], 'abcde'));
  refused(oldGnu(20, [[2, 8]], 'abcde'));
  refused(pax(['GNU.sparse.size=20', 'GNU.sparse.map=2,3,10']), raw({ data: 'abcde' }));
  refused(pax(['GNU.sparse.size=20', 'GNU.sparse.map=-1,5']), raw({ data: 'abcde' }));
  refused(pax(['GNU.sparse.size=20', 'GNU.sparse.numbytes=2']), raw({}));
  refused(pax(['GNU.sparse.map=0,5']), raw({ data: 'abcde' }));
  refused(pax(['GNU.sparse.major=2', 'GNU.sparse.map=0,5', 'GNU.sparse.size=5']), raw({ data: 'abcde' }));
  refused(raw({ flag: 'S' }));
});

test('a damaged map of format 1.0 is refused', () => {
  const header = pax(['GNU.sparse.major=1', 'GNU.sparse.minor=0', 'GNU.sparse.realsize=20']);
  refused(header, raw({ data: '3\n2\n3\n' }));
  refused(header, raw({ data: '1\n2\n3\n'.padEnd(512, '\0') }));
  refused(header, raw({ data: 'x'.repeat(2048) }));
  refused(header, raw({ data: '-1\n'.padEnd(512, '\0') }));
});

test('a map of more pieces than the limit is refused before it is held', () => {
  const limited = (...parts: Buffer[]): void => {
    assert.throws(() => readAll(Buffer.concat(parts), { limits: { sparsePieces: 2 } }), {
      code: 'tar-limit',
    });
  };
  limited(
    oldGnu(
      20,
      [
        [0, 1, 2, 1],
        [4, 1],
      ],
      'abc',
    ),
  );
  const version = ['GNU.sparse.major=1', 'GNU.sparse.minor=0', 'GNU.sparse.realsize=20'];
  limited(pax(version), raw({ data: '1000000000\n'.padEnd(1024, '\0') }));
});
