import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import { parseEntryPath, pathBytes } from './entry-path.ts';

test('names are counted from the root of the layer, however they are written', () => {
  for (const [name, parent, base] of [
    ['a/b/c', 'a/b', 'c'],
    ['./a', '', 'a'],
    ['/a//b/', 'a', 'b'],
    ['a/../b/./c/..', '', 'b'],
    ['', '', ''],
    ['./', '', ''],
    ['a/..', '', ''],
    ['...', '', '...'],
  ] as const) {
    assert.deepEqual(parseEntryPath(name), { parent, base }, name);
  }
});

test('a name that leads out of the layer is refused, and so is a zero byte', () => {
  const fails = (name: string, code: string): void => {
    assert.throws(
      () => parseEntryPath(name),
      (error) => findError(error, { kind: 'corrupt', code }) !== undefined,
    );
  };
  for (const name of ['..', '../a', 'a/../../b', '/..']) fails(name, 'layer-escape');
  fails('a\0b', 'layer-tar');
});

test('names keep their bytes', () => {
  assert.equal(pathBytes('a b'), 'a b');
  assert.deepEqual(pathBytes('\xff\xc3\xa4'), Buffer.from([0xff, 0xc3, 0xa4]));
});
