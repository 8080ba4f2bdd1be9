import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './suggest.ts';

test('the nearest word is at most two mistakes away', () => {
  const words = ['images', 'image', 'import', 'info'];
  assert.equal(nearest('imags', words), 'images');
  assert.equal(nearest('imgae', words), 'image');
  assert.equal(nearest('inof', words), 'info');
  assert.equal(nearest('volume', words), undefined);
});

test('short words are suggested only for words that share a letter with them', () => {
  assert.equal(nearest('xy', ['ls', 'rm']), undefined);
  assert.equal(nearest('lss', ['ls', 'rm']), 'ls');
  assert.equal(nearest('', ['ls']), undefined);
});
