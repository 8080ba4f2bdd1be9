import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultWords, isRegistryCode, parseFaults, registryError } from './codes.ts';

test('what a registry says is read, and what is no error body says nothing', () => {
  assert.deepEqual(
    parseFaults('{"errors":[{"code":"DENIED","message":"no","detail":{}},{"message":"x"},null]}'),
    [{ code: 'DENIED', message: 'no' }],
  );
  assert.deepEqual(parseFaults('{"details":"incorrect username or password"}'), [
    { code: '', message: 'incorrect username or password' },
  ]);
  for (const body of ['', '<html>', 'null', '[]', '"errors"', '{"errors":{}}'])
    assert.deepEqual(parseFaults(body), []);
});

test('a foreign message is cut', () => {
  const [fault] = parseFaults(JSON.stringify({ errors: [{ code: 'DENIED', message: 'x'.repeat(10_000) }] }));
  assert.equal(fault?.message.length, 500);
});

test('a code is worded as Docker does, with the registry’s own words in the subject', () => {
  const error = registryError('MANIFEST_UNKNOWN', 'manifest unknown', { where: 'registry r' });
  assert.equal(error.message, 'manifest unknown: manifest unknown (registry r)');
  assert.deepEqual([error.kind, error.code], ['not-found', 'manifest-unknown']);
  assert.deepEqual(error.subject, { registryCode: 'MANIFEST_UNKNOWN', registryMessage: 'manifest unknown' });
  assert.equal(faultWords({ code: 'DENIED', message: '' }), 'denied');
  assert.ok(!isRegistryCode('toString'));
});
