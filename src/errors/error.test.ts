import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorKinds, findError, fromErrno, GantryError, isAbort, redact, toError } from './index.ts';

test('an error is found by kind and code through its causes', () => {
  const inner = new GantryError('corrupt', 'digest-mismatch', 'blob x has another digest');
  const outer = new Error('pull failed', { cause: new AggregateError([new Error('a'), inner]) });
  assert.equal(findError(outer, { code: 'digest-mismatch' }), inner);
  assert.equal(findError(outer, { kind: 'corrupt' }), inner);
  assert.equal(findError(outer, { kind: 'not-found' }), undefined);
});

test('a chain of causes that closes on itself is searched once', () => {
  const error = new Error('a');
  error.cause = new Error('b', { cause: error });
  assert.equal(findError(error), undefined);
});

test('secrets are redacted from the message and the subject', () => {
  const error = new GantryError('unauthorized', 'denied', 'GET https://me:pw@host/v2/ failed', {
    subject: { header: 'Bearer abcdefghijkl' },
  });
  assert.equal(error.message, 'GET https://***@host/v2/ failed');
  assert.equal(error.subject['header'], 'Bearer ***');
});

test('each form of a secret is redacted and other text is kept', () => {
  assert.equal(redact('{"password":"p w","user":"u"}'), '{"password":***,"user":"u"}');
  assert.equal(redact('?token=abc&scope=x'), '?token=***&scope=x');
  assert.equal(redact('Basic dXNlcjpwYXNz'), 'Basic ***');
  assert.equal(redact('pull access denied for x'), 'pull access denied for x');
});

test('a system error becomes a kind, and anything else stays what it is', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  const translated = fromErrno(full, 'write blob b', { digest: 'b' });
  assert.ok(translated instanceof GantryError);
  assert.equal(translated.kind, 'resource-exhausted');
  assert.equal(translated.message, 'cannot write blob b: no space left on device');
  assert.equal(translated.cause, full);
  const abort = AbortSignal.abort().reason as Error;
  assert.ok(isAbort(abort));
  assert.equal(fromErrno(abort, 'x'), abort);
});

test('the kinds are distinct, and anything thrown becomes an Error', () => {
  assert.equal(new Set(errorKinds).size, errorKinds.length);
  assert.equal(toError('text').message, 'text');
});
