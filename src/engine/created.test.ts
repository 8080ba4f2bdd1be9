import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createdNanoseconds } from './created.ts';

const yearOne = -62_135_596_800n * 1_000_000_000n;

test('a time counts to its last nanosecond', () => {
  assert.equal(createdNanoseconds('1970-01-01T00:00:00Z'), 0n);
  assert.equal(createdNanoseconds('1970-01-01T00:00:01.000000001Z'), 1_000_000_001n);
  assert.equal(createdNanoseconds('2026-11-21T11:05:51.06321365Z'), 1_795_259_151_063_213_650n);
  assert.equal(createdNanoseconds('1969-12-31T23:59:59.5Z'), -500_000_000n);
});

test('a zone is taken off', () => {
  assert.equal(createdNanoseconds('1970-01-01T01:00:00+01:00'), 0n);
  assert.equal(createdNanoseconds('1969-12-31T19:00:00.25-05:00'), 250_000_000n);
});

test('digits beyond the ninth are read over', () => {
  assert.equal(createdNanoseconds('1970-01-01T00:00:00.1234567899Z'), 123_456_789n);
});

test('no time, and no readable one, is the year 1', () => {
  for (const text of [
    undefined,
    '',
    'yesterday',
    '2024-01-01',
    '2024-13-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
  ]) {
    assert.equal(createdNanoseconds(text), yearOne, String(text));
  }
});
