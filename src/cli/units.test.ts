import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytesSize,
  fromHumanSize,
  humanDuration,
  humanSize,
  humanSizeWithPrecision,
  ramInBytes,
} from './units.ts';

test('sizes print with four digits in decimal units', () => {
  const sizes = {
    '0B': 0,
    '999B': 999,
    '1kB': 1000,
    '1.024kB': 1024,
    '1MB': 1e6,
    '1.049MB': 1048576,
    '1.982MB': 1982123,
  };
  for (const [text, size] of Object.entries(sizes)) assert.equal(humanSize(size), text);
  assert.equal(humanSize(3.42e12), '3.42TB');
  assert.equal(humanSize(1e27), '1000YB');
});

test('sizes in lists print with three digits, and round into the exponent as docker does', () => {
  assert.equal(humanSizeWithPrecision(1984494, 3), '1.98MB');
  assert.equal(humanSizeWithPrecision(77_900_000, 3), '77.9MB');
  assert.equal(humanSizeWithPrecision(133_000_000, 3), '133MB');
  assert.equal(humanSizeWithPrecision(999_600, 3), '1e+03kB');
  assert.equal(humanSizeWithPrecision(0, 3), '0B');
});

test('memory prints in binary units', () => {
  const sizes = {
    '1023B': 1023,
    '1KiB': 1024,
    '1MiB': 1048576,
    '1.944GiB': 2087354105,
    '15.5GiB': 16642998272,
  };
  for (const [text, size] of Object.entries(sizes)) assert.equal(bytesSize(size), text);
});

test('durations print in words', () => {
  const second = 1000;
  const hour = 3600 * second;
  const day = 24 * hour;
  const words: [number, string][] = [
    [999, 'Less than a second'],
    [-5 * second, 'Less than a second'],
    [1.9 * second, '1 second'],
    [59.9 * second, '59 seconds'],
    [60 * second, 'About a minute'],
    [119 * second, 'About a minute'],
    [120 * second, '2 minutes'],
    [59 * 60 * second, '59 minutes'],
    [hour, 'About an hour'],
    [1.49 * hour, 'About an hour'],
    [1.5 * hour, '2 hours'],
    [47 * hour, '47 hours'],
    [48 * hour, '2 days'],
    [13 * day, '13 days'],
    [14 * day, '2 weeks'],
    [59 * day, '8 weeks'],
    [60 * day, '2 months'],
    [729 * day, '24 months'],
    [730 * day, '2 years'],
    [56.4 * 365 * day, '56 years'],
  ];
  for (const [duration, text] of words) assert.equal(humanDuration(duration), text, text);
});

test('sizes are read in decimal or in binary units', () => {
  for (const text of ['32kb', '32KB', '32k', '32 kb', '32Kb', '32KiB']) {
    assert.equal(fromHumanSize(text), 32_000, text);
    assert.equal(ramInBytes(text), 32_768, text);
  }
  assert.equal(fromHumanSize('32.5kB'), 32_500);
  assert.equal(ramInBytes('1.5g'), 1610612736);
  assert.equal(ramInBytes('.3k'), 307);
  assert.equal(ramInBytes('7 b'), 7);
  assert.equal(ramInBytes('32'), 32);
  assert.equal(fromHumanSize('1p'), 1e15);
});

test('what is no size is refused in the words of go-units', () => {
  const wrong = {
    '': `invalid size: ''`,
    hello: `invalid size: 'hello'`,
    '-32': `invalid size: '-32'`,
    '5z': `invalid suffix: 'z'`,
    '32bm': `invalid suffix: 'bm'`,
    '32kbx': `invalid suffix: 'kbx'`,
    '1.5.5': 'strconv.ParseFloat: parsing "1.5.5": invalid syntax',
    ' 32 ': 'strconv.ParseFloat: parsing " 32": invalid syntax',
    '32 kilo': `invalid suffix: 'kilo'`,
  };
  for (const [text, message] of Object.entries(wrong))
    assert.throws(() => ramInBytes(text), { message }, text);
});
