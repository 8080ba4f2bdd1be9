import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expandWord, splitWords } from './instruction-words.ts';

const text = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '\n', '=') });

test('text in double quotes is one word, and means itself', () => {
  fc.assert(
    fc.property(text, (each) => {
      const quoted = `"${each.replaceAll(/["$\\]/g, '\\$&')}"`;
      assert.deepEqual(splitWords(`x ${quoted} y`), ['x', quoted, 'y']);
      assert.equal(expandWord(quoted, new Map()), each);
    }),
  );
});

test('text with each character escaped is one word, and means itself', () => {
  fc.assert(
    fc.property(text, (each) => {
      fc.pre(each !== '');
      const escaped = Array.from(each, (char) => `\\${char}`).join('');
      assert.deepEqual(splitWords(escaped), [escaped]);
      assert.equal(expandWord(escaped, new Map()), each);
    }),
  );
});
