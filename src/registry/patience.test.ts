import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#errors';
import { delayAfter } from './patience.ts';

const failed = new GantryError('unavailable', 'registry-failed', 'x');
const limited = (retryAfter: number): GantryError =>
  new GantryError('resource-exhausted', 'registry-rate-limited', 'x', { subject: { retryAfter } });

test('the wait doubles up to half a minute, and half of it is chance', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map((failures) => delayAfter(failed, failures, () => 0));
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  assert.equal(
    delayAfter(failed, 1, () => 0.5),
    750,
  );
});

test('a registry that says when to come back is obeyed, unless it takes too long', () => {
  assert.equal(
    delayAfter(limited(7), 1, () => 0),
    7000,
  );
  assert.equal(
    delayAfter(limited(0), 2, () => 0),
    1000,
  );
  assert.equal(
    delayAfter(limited(21_600), 1, () => 0),
    undefined,
  );
});

test('what will not pass is not waited for', () => {
  assert.equal(
    delayAfter(new GantryError('resource-exhausted', 'errno-enospc', 'x'), 1, () => 0),
    undefined,
  );
  assert.equal(
    delayAfter(new GantryError('unavailable', 'registry-certificate', 'x'), 1, () => 0),
    undefined,
  );
  assert.equal(
    delayAfter(new Error('x'), 1, () => 0),
    undefined,
  );
});
