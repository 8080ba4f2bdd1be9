import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import { compareApiVersions, currentApiVersion, parseApiVersion } from './index.ts';

const compare = (a: string, b: string) =>
  Math.sign(compareApiVersions(parseApiVersion(a), parseApiVersion(b)));

test('versions are compared number by number, not as text', () => {
  assert.equal(compare('1.9', '1.10'), -1);
  assert.equal(compare('1.50', '1.24'), 1);
  assert.equal(compare('1.50', '1.50.0'), 0);
  assert.equal(compare('2', '1.99'), 1);
  assert.equal(compare(currentApiVersion, '1.50'), 0);
});

test('what is no version is refused', () => {
  for (const text of ['', '1.', '.5', 'v1.50', '1.50-rc1', '1..2', '99999999999.1']) {
    assert.throws(
      () => parseApiVersion(text),
      (error) => findError(error, { code: 'api-version' }) !== undefined,
    );
  }
});
