import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GantryError } from '#errors';
import { parseTemplate, sprintf } from './index.ts';

const json = fc.jsonValue({ maxDepth: 3 });

test('whatever the text, parsing and execution end with a text or a GantryError', () => {
  const piece = fc.constantFrom(
    ...[
      '{{',
      '}}',
      '{{-',
      ' -}}',
      'if',
      'else',
      'end',
      'range',
      'with',
      'define "x"',
      'template "x"',
      '$x',
      ':=',
      '=',
    ],
    ...[
      '.',
      '.A',
      '(',
      ')',
      '|',
      ' ',
      '"s"',
      '1',
      '-2.5',
      'nil',
      'true',
      ',',
      'len',
      'index',
      'printf "%d"',
      'break',
      '/*',
    ],
  );
  const text = fc
    .array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 20 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, json, (template, data) => {
      try {
        assert.equal(typeof parseTemplate(template).execute(data), 'string');
      } catch (error) {
        assert.ok(error instanceof GantryError, String(error));
      }
    }),
    { numRuns: 1500 },
  );
});

test('text without delimiters comes out as it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('{{')),
      (text) => {
        assert.equal(parseTemplate(text).execute(null), text);
      },
    ),
  );
});

test('json prints what JSON reads back as the same data', () => {
  fc.assert(
    fc.property(json, (data) => {
      const read = (options: { numbers: 'typed' | 'json' | 'float' }): unknown =>
        JSON.parse(parseTemplate('{{json .}}').execute(data, options));
      const expected = JSON.parse(JSON.stringify(data)) as unknown;
      for (const numbers of ['typed', 'json', 'float'] as const)
        assert.deepEqual(read({ numbers }), expected);
    }),
  );
});

test('%v of a float64 reads back as the same number, and %e, %f and %g are near it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e290, max: 1e290 }), fc.nat(20), (value, precision) => {
      assert.equal(Number(sprintf('%v', value)), value);
      const significant = Number(sprintf(`%.${precision}e`, value));
      assert.ok(Math.abs(significant - value) <= Math.abs(value) * 0.51 * 10 ** -precision + 1e-300);
      if (Math.abs(value) < 1e15) {
        const places = Number(sprintf(`%.${precision}f`, value));
        assert.ok(Math.abs(places - value) <= 0.51 * 10 ** -precision + Math.abs(value) * Number.EPSILON);
      }
    }),
  );
});

test('ints print in each base as JavaScript prints them, padded to the width', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(30), (value, width) => {
      assert.equal(
        sprintf('%d %x %o %b', value, value, value, value),
        [10, 16, 8, 2].map((base) => value.toString(base)).join(' '),
      );
      assert.equal(
        sprintf(`%${width + 1}d|%-${width + 1}d`, value, value),
        `${String(value).padStart(width + 1)}|${String(value).padEnd(width + 1)}`,
      );
    }),
  );
});

test('quoting a text and printing it in a template gives the text back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(parseTemplate(`{{${sprintf('%q', text)}}}`).execute(null), text);
      assert.equal(parseTemplate(`{{${sprintf('%+q', text)}}}`).execute(null), text);
    }),
  );
});
