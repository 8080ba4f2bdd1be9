import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonicalName,
  canonicalString,
  digestOf,
  familiarName,
  familiarString,
  parseReference,
  parseTag,
  withDefaultTag,
  withDigest,
  withTag,
} from './index.ts';

const digest = digestOf(new Uint8Array());
const hex = digest.slice(7);

/** Text, canonical form, familiar form (the text itself unless given). */
const forms: readonly [text: string, canonical: string, familiar?: string][] = [
  ['busybox', 'docker.io/library/busybox'],
  ['busybox:1.36', 'docker.io/library/busybox:1.36'],
  [`busybox@${digest}`, `docker.io/library/busybox@${digest}`],
  [`busybox:1@${digest}`, `docker.io/library/busybox:1@${digest}`],
  ['dm/app', 'docker.io/dm/app'],
  ['library/a/b', 'docker.io/library/a/b'],
  ['docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
  ['docker.io/library/busybox', 'docker.io/library/busybox', 'busybox'],
  ['index.docker.io/busybox:x', 'docker.io/library/busybox:x', 'busybox:x'],
  ['index.docker.io/dm/app', 'docker.io/dm/app', 'dm/app'],
  ['localhost/x', 'localhost/x'],
  ['localhost:5000/x:y', 'localhost:5000/x:y'],
  ['127.0.0.1:5000/t/bb', '127.0.0.1:5000/t/bb'],
  ['host:80/a', 'host:80/a'],
  ['[::1]:5000/x', '[::1]:5000/x'],
  ['[2001:db8::1]/x:1', '[2001:db8::1]/x:1'],
  ['Registry/x', 'Registry/x'],
  ['a.b.example-x.com/c/d__e/f--g.h_i:Tag_.-', 'a.b.example-x.com/c/d__e/f--g.h_i:Tag_.-'],
  ['localhost', 'docker.io/library/localhost'],
  ['example.com', 'docker.io/library/example.com'],
  ['docker.io/example.com/x', 'docker.io/example.com/x'],
  ['docker.io/localhost/x', 'docker.io/localhost/x'],
  [`docker.io/library/${hex}`, `docker.io/library/${hex}`],
];

test('names are made canonical, and shown as people write them', () => {
  for (const [text, canonical, familiar = text] of forms) {
    const reference = parseReference(text);
    assert.equal(canonicalString(reference), canonical, text);
    assert.equal(familiarString(reference), familiar, text);
  }
});

test('a reference has canonical parts, and only those that were written', () => {
  assert.deepEqual(parseReference('busybox'), { domain: 'docker.io', path: 'library/busybox' });
  assert.deepEqual(parseReference(`[::1]:5/x:t@${digest}`), {
    domain: '[::1]:5',
    path: 'x',
    tag: 't',
    digest,
  });
});

const format = 'invalid reference format';
const refused: readonly [text: string, message: string][] = [
  ['', format],
  ['BAD', `${format}: repository name (library/BAD) must be lowercase`],
  ['host:80/aB/c:d', `${format}: repository name (aB/c) must be lowercase`],
  ['a/B@sha256:x', `${format}: repository name (a/B@sha256) must be lowercase`],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  ['a'.repeat(248), 'repository name must not be more than 255 characters'],
  [`host/${'a'.repeat(251)}`, 'repository name must not be more than 255 characters'],
  [`x@sha256:${'a'.repeat(32)}`, 'invalid checksum digest length'],
  [`x@sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
  [`x@md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
  ...[
    'x:',
    ':x',
    'x@',
    '/x',
    'x/',
    'a//b',
    'x y',
    'x\n',
    'x:t\n',
    '-x',
    'x-',
    'a___b',
    'a..b',
    'a._b',
    '../x',
    './x',
    'http://x/y',
    'x:-t',
    `x:${'t'.repeat(129)}`,
    'x@sha256:abc',
    `x@${digest}:t`,
    '-h.com/x',
    'h-.com/x',
    'h:port/x',
    '[::1/x',
    '::1/x',
    '[fe80::1%eth0]:5000/x',
    'é',
    'x:é',
  ].map((text): [string, string] => [text, format]),
];

test('what is no reference is refused in the words that Docker prints', () => {
  for (const [text, message] of refused) {
    assert.throws(
      () => parseReference(text),
      { kind: 'invalid-argument', code: 'reference-invalid', message },
      JSON.stringify(text),
    );
  }
  assert.equal(parseReference('a'.repeat(247)).path.length, 255);
});

test('a hostile name is refused as fast as it is read', () => {
  const started = performance.now();
  for (const text of [
    'a-'.repeat(50_000),
    'a.'.repeat(50_000) + '/!',
    'a_'.repeat(50_000),
    `${'a'.repeat(100_000)}/!`,
  ]) {
    assert.throws(() => parseReference(text), { code: 'reference-invalid' });
  }
  assert.ok(performance.now() - started < 1000);
});

test('only a bare name gets the default tag', () => {
  assert.equal(familiarString(withDefaultTag(parseReference('x'))), 'x:latest');
  assert.equal(familiarString(withDefaultTag(parseReference('x:1'))), 'x:1');
  assert.equal(familiarString(withDefaultTag(parseReference(`x@${digest}`))), `x@${digest}`);
});

test('a tag and a digest are set, and the other stays', () => {
  const reference = parseReference('x:1');
  assert.equal(familiarString(withDigest(reference, digest)), `x:1@${digest}`);
  assert.equal(familiarString(withTag(withDigest(reference, digest), '2')), `x:2@${digest}`);
  assert.equal(familiarName(reference), 'x');
  assert.equal(canonicalName(reference), 'docker.io/library/x');
});

test('a tag has up to 128 characters and begins with a word character', () => {
  for (const tag of ['1', 'latest', '_x', 'A.b-c', 't'.repeat(128)]) assert.equal(parseTag(tag), tag);
  for (const tag of ['', '.x', '-x', 'a/b', 'a:b', 'a b', 'x\n', 't'.repeat(129)]) {
    const error = { kind: 'invalid-argument', code: 'reference-invalid', message: 'invalid tag format' };
    assert.throws(() => parseTag(tag), error);
    assert.throws(() => withTag(parseReference('x'), tag), error);
  }
});
