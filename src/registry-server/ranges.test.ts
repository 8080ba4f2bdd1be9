import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRanges } from './ranges.ts';

test('what is no range of bytes, or too many of them, is ignored', () => {
  for (const header of [
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=1-2,x',
    'lines=1-2',
    'bytes=0-99,0-99',
    `bytes=${'0-0,'.repeat(32)}1-1`,
  ]) {
    assert.equal(parseRanges(header, 100), undefined, header);
  }
  assert.equal(parseRanges('bytes=0-', 0), undefined);
});

test('what lies outside is left out', () => {
  assert.deepEqual(parseRanges('bytes=100-, 5-0, -0', 100), []);
  assert.deepEqual(parseRanges('bytes=100-,0-0', 100), [{ start: 0, end: 1 }]);
  assert.deepEqual(parseRanges('bytes=-500', 100), [{ start: 0, end: 100 }]);
  assert.deepEqual(parseRanges(`bytes=0-${'9'.repeat(400)}`, 100), [{ start: 0, end: 100 }]);
});

test('every range lies within the blob, and together they are no more than it', () => {
  const end = fc.option(fc.nat(50), { nil: '' });
  fc.assert(
    fc.property(fc.nat(40), fc.array(fc.tuple(end, end), { minLength: 1, maxLength: 5 }), (size, specs) => {
      const ranges = parseRanges(`bytes=${specs.map((spec) => spec.join('-')).join(',')}`, size) ?? [];
      let sum = 0;
      for (const { start, end: last } of ranges) {
        assert.ok(start >= 0 && start < last && last <= size);
        sum += last - start;
      }
      assert.ok(sum <= size);
    }),
  );
});
