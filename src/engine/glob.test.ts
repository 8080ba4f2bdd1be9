import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGlob } from './glob.ts';

// Reasoned from the documentation of Go's path.Match:
// '*' any sequence of non-/, '?' one non-/, '[' [ '^' ] { character-range } ']' a class that is not empty,
// c, '\\' c the character c; character-range: c, '\\' c, lo '-' hi.
const matches: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*', '', true],
  ['*', 'a/b', false],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*/b', 'a/c/b', false],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxe/xxx/f', false],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['a**b', 'axb', true],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a\u263ab', true],
  ['a?b', 'a/b', false],
  ['a???b', 'a\u263ab', false],
  ['[a-\u03b6]*', '\u03b1', true],
  ['*[a-\u03b6]', 'A', false],
  ['[\\]a]', ']', true],
  ['[\\-]', '-', true],
  ['[x\\-]', 'x', true],
  ['[x\\-]', '-', true],
  ['[x\\-]', 'z', false],
  ['[\\-x]', 'a', false],
  ['a[^b]c', 'a/c', true],
  ['a[/]c', 'a/c', true],
  // A range that is upside down is no error, and nothing is in it.
  ['[z-a]', 'm', false],
  ['[^a-b]', '', false],
  ['a]', 'a]', true],
  ['a.c', 'abc', false],
  ['a+(b|c){2}$', 'a+(b|c){2}$', true],
  ['', '', true],
  ['', 'a', false],
  ['busybox:*', 'busybox:1.36', true],
  ['127.0.0.1:5000/*/bb:?', '127.0.0.1:5000/t/bb:1', true],
];

for (const [pattern, text, expected] of matches) {
  test(`the pattern ${JSON.stringify(pattern)} ${expected ? 'takes' : 'refuses'} ${JSON.stringify(text)}`, () => {
    assert.equal(parseGlob(pattern)(text), expected);
  });
}

test('a pattern that is no pattern is refused, whatever it would be compared with', () => {
  for (const pattern of [
    '[',
    '[^',
    '[^bc',
    'a[',
    '[]a]',
    '[-]',
    '[x-]',
    '[-x]',
    '[a-b-c]',
    '[]',
    'x\\',
    '[a\\',
  ]) {
    assert.throws(() => parseGlob(pattern), {
      kind: 'invalid-argument',
      code: 'pattern-invalid',
      message: `syntax error in pattern: ${pattern}`,
    });
  }
});

test('many stars cost no more than their number', () => {
  const started = performance.now();
  assert.equal(parseGlob(`${'*a'.repeat(40)}b`)('a'.repeat(400)), false);
  assert.ok(performance.now() - started < 1000);
});
