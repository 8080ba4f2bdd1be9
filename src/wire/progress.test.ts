import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawProgress, encodeJson, encodeProgress, progressError } from './index.ts';

const digest = 'sha256:70616d25fbf26a064cb2ab6e542e7a52fe42373b91289f9e53513088b998b310';

test('each kind of line is written as moby writes it', () => {
  assert.equal(
    encodeProgress({ status: 'Pulling from t/bb', id: '1' }),
    '{"status":"Pulling from t/bb","id":"1"}\r\n',
  );
  assert.equal(
    encodeProgress({ id: '37bfbcbe2773', status: 'Preparing', progressDetail: {} }),
    '{"status":"Preparing","progressDetail":{},"id":"37bfbcbe2773"}\r\n',
  );
  assert.equal(
    encodeProgress({ progressDetail: {}, aux: { Tag: '1', Digest: digest, Size: 527 } }),
    `{"progressDetail":{},"aux":{"Tag":"1","Digest":"${digest}","Size":527}}\r\n`,
  );
  assert.equal(
    encodeProgress(progressError('no basic auth credentials')),
    '{"errorDetail":{"message":"no basic auth credentials"},"error":"no basic auth credentials"}\r\n',
  );
});

test('a line that counts carries the bar as text, its > escaped as Go does', () => {
  const bar = `[=\\u003e${' '.repeat(49)}]  41.98kB/1.982MB`;
  assert.equal(
    encodeProgress({ status: 'Downloading', id: 'a', progressDetail: { current: 41_984, total: 1_982_000 } }),
    `{"status":"Downloading","progressDetail":{"current":41984,"total":1982000},"progress":"${bar}","id":"a"}\r\n`,
  );
});

test('the bar is what docker draws at each width and count', () => {
  assert.equal(drawProgress({}), '');
  assert.equal(drawProgress({ current: 100 }), '    100B');
  assert.equal(drawProgress({ current: 1, total: 2 }, 80), '      1B/2B');
  assert.equal(drawProgress({ current: 3, total: 2 }, 80), '      3B');
  assert.equal(drawProgress({ current: 3, total: 4, units: 'files' }, 80), '3/4 files');
  assert.equal(drawProgress({ current: 5, units: 'files' }), '5 files');
  assert.equal(drawProgress({ current: 2, total: 2 }), `[${'='.repeat(50)}>]       2B/2B`);
  assert.equal(
    drawProgress({ current: 1, total: 2, hidecounts: true }),
    `[${'='.repeat(25)}>${' '.repeat(25)}] `,
  );
});

test('sizes have four digits at most and decimal units', () => {
  const sizes = [999, 1000, 1_982_464, 999_999, 12_345_678_901].map((current) =>
    drawProgress({ current }).trim(),
  );
  assert.deepEqual(sizes, ['999B', '1kB', '1.982MB', '1000kB', '12.35GB']);
});

test('bodies keep <, > and &, and escape only what Go escapes always', () => {
  assert.equal(encodeJson({ a: '<none>&\u2028' }), '{"a":"<none>&\\u2028"}\n');
});
