import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { alignColumns } from './table.ts';
import { displayWidth } from './width.ts';

test('columns are ten wide, or three wider than their widest cell; the last is not padded', () => {
  assert.equal(
    alignColumns('REPOSITORY\tTAG\tSIZE\nbusybox\tlatest\t1.98MB\n'),
    'REPOSITORY   TAG       SIZE\nbusybox      latest    1.98MB\n',
  );
});

test('a line without the cell ends the column', () => {
  assert.equal(
    alignColumns('a\tb\nno cell\nlonger than ten\tb\n'),
    'a         b\nno cell\nlonger than ten   b\n',
  );
});

test('a line that ends with a tab pads its last cell', () => {
  assert.equal(alignColumns('a\t\nb\tc'), 'a         \nb         c');
});

test('wide characters take two cells, combining ones none', () => {
  assert.equal(displayWidth('镜像'), 4);
  assert.equal(displayWidth('e\u0301🐳x'), 4);
  assert.equal(alignColumns('镜像名称\tX\nabcdefgh\tX'), '镜像名称   X\nabcdefgh   X');
});

test('the cells of a table without gaps begin at the same column in each line', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'b', '镜', '🐳', '-') });
  const table = fc.integer({ min: 1, max: 4 }).chain((width) => {
    return fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 });
  });
  fc.assert(
    fc.property(table, (rows) => {
      const lines = alignColumns(rows.map((cells) => [...cells, '|'].join('\t')).join('\n')).split('\n');
      assert.equal(new Set(lines.map(displayWidth)).size, 1);
    }),
    { numRuns: 50 },
  );
});
