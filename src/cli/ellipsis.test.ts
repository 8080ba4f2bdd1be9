import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ellipsis } from './ellipsis.ts';

test('a text that is too wide ends with an ellipsis, counted in cells', () => {
  assert.equal(ellipsis('abcde', 5), 'abcde');
  assert.equal(ellipsis('abcdef', 5), 'abcd…');
  assert.equal(ellipsis('中文', 5), '中文');
  assert.equal(ellipsis('中文中文', 5), '中文…');
  assert.equal(ellipsis('a中文中', 5), 'a中…');
});
