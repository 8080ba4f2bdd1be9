import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseGlob } from './glob.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':', '*', '[', '\\', '-') });

test('a text with all its characters escaped takes itself, and nothing longer', () => {
  fc.assert(
    fc.property(text, (each) => {
      const matches = parseGlob(Array.from(each, (char) => `\\${char}`).join(''));
      assert.equal(matches(each), true);
      assert.equal(matches(`${each}a`), false);
    }),
  );
});

test('a pattern of letters, stars and question marks takes what the regular expression of it takes', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
  const subject = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, subject, (each, against) => {
      const expression = each.replaceAll(/\*+/g, '[^/]*').replaceAll('?', '[^/]');
      assert.equal(parseGlob(each)(against), new RegExp(`^${expression}$`).test(against));
    }),
    { numRuns: 2000 },
  );
});

test('any text is a pattern or is refused with the one code', () => {
  fc.assert(
    fc.property(text, (each) => {
      try {
        parseGlob(each)('a/b');
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'pattern-invalid');
      }
    }),
  );
});
