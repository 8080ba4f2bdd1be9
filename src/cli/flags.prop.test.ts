import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GantryError } from '#errors';
import { parseFlags, type Flags } from './flags.ts';

const flags = {
  all: { type: 'boolean', short: 'a', usage: '' },
  name: { type: 'string', short: 'n', usage: '' },
  env: { type: 'list', short: 'e', usage: '' },
  limit: { type: 'int', usage: '' },
} as const satisfies Flags;

test('every way to write a value gives the same value', () => {
  const ways = fc.constantFrom<(value: string) => string[]>(
    (value) => [`--name=${value}`],
    (value) => ['--name', value],
    (value) => ['-n', value],
    (value) => ['-an', value],
    (value) => [`-n=${value}`],
    (value) => [`-n${value}`],
  );
  // `-n=` alone takes the `=` for the value, as pflag does, and `-n` alone the next word.
  const value = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('='));
  fc.assert(
    fc.property(ways, value, (way, text) => {
      const { values, positionals } = parseFlags([...way(text), '--', 'rest'], flags);
      assert.equal(values.name, text);
      assert.deepEqual(positionals, ['rest']);
    }),
  );
});

test('positionals and lists keep their order wherever the flags stand', () => {
  const word = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('-'));
  const words = fc.array(fc.record({ text: word, flag: fc.boolean() }));
  fc.assert(
    fc.property(words, (given) => {
      const argv = given.flatMap(({ text, flag }) => (flag ? ['-e', text] : [text]));
      const { values, positionals } = parseFlags(argv, flags);
      assert.deepEqual(
        values.env,
        given.filter(({ flag }) => flag).map(({ text }) => text),
      );
      assert.deepEqual(
        positionals,
        given.filter(({ flag }) => !flag).map(({ text }) => text),
      );
    }),
  );
});

test('any words either parse or are refused with a GantryError', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('--all', '-a', '--name', '-n', '--limit', '--', '-', '--limit=3'),
  );
  fc.assert(
    fc.property(fc.array(word), fc.boolean(), (argv, stopAtFirst) => {
      try {
        const { values } = parseFlags(argv, flags, { stopAtFirst });
        assert.deepEqual(Object.keys(values), ['all', 'name', 'env', 'limit']);
        assert.ok(Number.isFinite(values.limit));
      } catch (error) {
        assert.ok(error instanceof GantryError, String(error));
      }
    }),
  );
});
