import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findError } from '#errors';
import { decodeAuth, encodeAuth, encodeFilters, parseAuth, parseFilters, parseTimestamp } from './index.ts';

test('filters are read in both of their forms', () => {
  const expected = new Map([['label', ['a', 'b=c']]]);
  assert.deepEqual(parseFilters('{"label":{"a":true,"b=c":true}}'), expected);
  assert.deepEqual(parseFilters('{"label":["a","b=c"]}'), expected);
  assert.deepEqual(parseFilters(''), new Map());
});

test('what filters are written is read back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.uniqueArray(fc.stringMatching(/^[a-z]+$/))), (object) => {
      const filters = new Map(Object.entries(object));
      assert.deepEqual(parseFilters(encodeFilters(filters)), filters);
    }),
  );
});

test('filters of another form are refused in one sentence', () => {
  for (const text of ['{bad', '[]', '1', 'null', '{"a":1}', '{"a":[1]}', '{"a":{"b":1}}']) {
    assert.throws(() => parseFilters(text), { message: 'invalid filter' }, text);
  }
});

test('credentials survive the header in each alphabet, padded or not', () => {
  const auth = { username: 'ünï', password: 'p?>~ÿ', serveraddress: 'https://x' };
  const encoded = encodeAuth(auth);
  assert.equal(encoded.length % 4, 0);
  const standard = encoded.replaceAll('-', '+').replaceAll('_', '/');
  for (const form of [encoded, standard, encoded.replace(/=+$/, '')])
    assert.deepEqual(decodeAuth(form), auth);
  assert.deepEqual(decodeAuth('e30='), {});
});

test('joined credentials are split, and empty or null fields are absent', () => {
  const auth = Buffer.from('me:a:b').toString('base64');
  assert.deepEqual(parseAuth({ auth, email: 'x', identitytoken: '', registrytoken: null }), {
    username: 'me',
    password: 'a:b',
  });
});

test('credentials of another shape are refused', () => {
  const refused = (error: unknown) => findError(error, { code: 'registry-auth' }) !== undefined;
  assert.throws(() => decodeAuth('!!!'), refused);
  assert.throws(() => decodeAuth(Buffer.from('[]').toString('base64')), refused);
  assert.throws(() => parseAuth({ username: 1 }), refused);
});

test('times are seconds, durations before now, or dates', () => {
  const now = Date.UTC(2026, 10, 21, 12);
  assert.equal(parseTimestamp('1795259766.5', now), 1_795_259_766_500);
  assert.equal(parseTimestamp('1h30m', now), now - 5_400_000);
  assert.equal(parseTimestamp('-2s', now), now + 2000);
  assert.equal(parseTimestamp('2026-11-21T11:05:51.25Z', now), Date.UTC(2026, 10, 21, 11, 5, 51, 250));
  assert.equal(parseTimestamp('2026-11-21T11:05+02:00', now), Date.UTC(2026, 10, 21, 9, 5));
  assert.equal(parseTimestamp('2026-11-21', now), new Date(2026, 10, 21).getTime());
  for (const text of ['', 'soon', '1d', '2026-13-01', '1h-2m']) {
    assert.throws(
      () => parseTimestamp(text, now),
      (error) => findError(error, { code: 'timestamp' }) !== undefined,
      text,
    );
  }
});
