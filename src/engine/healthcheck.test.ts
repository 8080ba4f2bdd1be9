import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHealthcheck } from './healthcheck.ts';

test('a command is for the shell, or a list as it is', () => {
  assert.deepEqual(parseHealthcheck('CMD curl -f http://x || exit 1'), {
    Test: ['CMD-SHELL', 'curl -f http://x || exit 1'],
  });
  assert.deepEqual(parseHealthcheck('cmd ["curl","-f"]'), { Test: ['CMD', 'curl', '-f'] });
});

test('NONE switches the check off', () => {
  assert.deepEqual(parseHealthcheck('NONE'), { Test: ['NONE'] });
});

test('options stand before the command', () => {
  assert.deepEqual(
    parseHealthcheck(
      '--interval=1m30s --timeout=.5s --start-period=2h --start-interval=100ms --retries=3 CMD x',
    ),
    {
      Test: ['CMD-SHELL', 'x'],
      Interval: 90e9,
      Timeout: 5e8,
      StartPeriod: 7200e9,
      StartInterval: 1e8,
      Retries: 3,
    },
  );
});

for (const [duration, nanoseconds] of [
  ['0', 0],
  ['5ns', 5],
  ['1us', 1000],
  ['1\u00b5s', 1000],
  ['1\u03bcs', 1000],
  ['1.5h', 5_400_000_000_000],
  ['2.3m', 138_000_000_000],
] as const) {
  test(`${duration} are ${nanoseconds} nanoseconds`, () => {
    assert.equal(parseHealthcheck(`--interval=${duration} CMD x`).Interval, nanoseconds);
  });
}

for (const [text, message] of [
  ['', 'Unknown type "" in HEALTHCHECK (try CMD)'],
  ['echo hi', 'Unknown type "echo" in HEALTHCHECK (try CMD)'],
  ['CMD', 'Missing command after HEALTHCHECK CMD'],
  ['CMD []', 'Missing command after HEALTHCHECK CMD'],
  ['NONE x', 'HEALTHCHECK NONE takes no arguments'],
  ['--bogus=1 CMD x', 'Unknown flag: bogus'],
  ['--retries=-1 CMD x', 'Unknown flag: retries'],
  ['--interval=5 CMD x', 'time: invalid duration "5"'],
  ['--interval=5s3 CMD x', 'time: invalid duration "5s3"'],
  ['--constructor=5s CMD x', 'Unknown flag: constructor'],
] as const) {
  test(`HEALTHCHECK ${text} is refused`, () => {
    assert.throws(() => parseHealthcheck(text), { code: 'change-invalid', message });
  });
}
