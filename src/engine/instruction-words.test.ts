import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandWord, parseJsonWords, splitWords } from './instruction-words.ts';

test('words end at white space that is neither quoted nor escaped', () => {
  assert.deepEqual(splitWords(`a=1 b="x y"  c='p q' d=r\\ s`), ['a=1', 'b="x y"', "c='p q'", 'd=r\\ s']);
  assert.deepEqual(splitWords('a="say \\"hi\\" now" b'), ['a="say \\"hi\\" now"', 'b']);
  assert.deepEqual(splitWords('a"b c"d'), ['a"b c"d']);
  assert.deepEqual(splitWords('C:\\'), ['C:\\']);
  assert.deepEqual(splitWords('  '), []);
});

test('a quote that is not closed is an error, and nothing is guessed', () => {
  for (const [text, quote] of [
    ['a="b c', 'double-quote'],
    ["a='b c", 'single-quote'],
    ['a="b\\"', 'double-quote'],
  ] as const) {
    assert.throws(() => splitWords(text), {
      code: 'change-invalid',
      message: `unexpected end of statement while looking for matching ${quote}`,
    });
  }
});

const env = new Map([
  ['NAME', 'value'],
  ['EMPTY', ''],
  ['QUOTED', '"q"'],
]);

for (const [word, meaning] of [
  ['plain', 'plain'],
  ['$NAME', 'value'],
  ['${NAME}s', 'values'],
  ['$NAMEs', ''],
  ['a$NONE.b', 'a.b'],
  ['${NONE:-other}', 'other'],
  ['${EMPTY:-$NAME}', 'value'],
  ['${NAME:-other}', 'value'],
  ['${NAME:+other}', 'other'],
  ['${NONE:+other}', ''],
  ['\\$NAME', '$NAME'],
  ["'$NAME'", '$NAME'],
  ['"$NAME"', 'value'],
  ['"a\\nb"', 'a\\nb'],
  ['"a\\"b\\$NAME\\\\"', 'a"b$NAME\\'],
  [`"it's"`, "it's"],
  ['a\\ b', 'a b'],
  ['$QUOTED', '"q"'],
  ['$', '$'],
  ['5$', '5$'],
  ['a"b"\'c\'', 'abc'],
] as const) {
  test(`the word ${word} means ${JSON.stringify(meaning)}`, () => {
    assert.equal(expandWord(word, env), meaning);
  });
}

test('a substitution that is not known is an error, and nothing is guessed', () => {
  for (const word of ['${NAME:?x}', '${', '${NAME', '"${NAME%x}"']) {
    assert.throws(() => expandWord(word, env), { code: 'change-invalid' }, word);
  }
});

test('the exec form is a JSON list of strings; anything else is for the shell', () => {
  assert.deepEqual(parseJsonWords('["a", "b c"]'), ['a', 'b c']);
  assert.deepEqual(parseJsonWords('[]'), []);
  for (const text of ['echo', "['a']", '[1]', '["a"] b', '[']) assert.equal(parseJsonWords(text), undefined);
});
