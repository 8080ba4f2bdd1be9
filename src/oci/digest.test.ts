import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createDigester,
  digestAlgorithm,
  digestHex,
  digestOf,
  isDigest,
  parseDigest,
  shortId,
} from './index.ts';

const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('a digest names its algorithm, its hex and a short form', () => {
  const digest = parseDigest(empty);
  assert.equal(digestAlgorithm(digest), 'sha256');
  assert.equal(digestHex(digest), empty.slice(7));
  assert.equal(shortId(digest), 'e3b0c44298fc');
  assert.equal(digestAlgorithm(parseDigest(`sha512:${'0'.repeat(128)}`)), 'sha512');
});

const refused: readonly [string, RegExp][] = [
  ['', /^invalid checksum digest format/],
  ['sha256', /^invalid checksum digest format/],
  ['sha256:', /^invalid checksum digest format/],
  [`:${'0'.repeat(64)}`, /^invalid checksum digest format/],
  [empty.toUpperCase(), /^unsupported digest algorithm/],
  [empty.replace('e3b0', 'E3B0'), /^invalid checksum digest format/],
  [`${empty}0`, /^invalid checksum digest length/],
  [empty.slice(0, -1), /^invalid checksum digest length/],
  [`${empty}\n`, /^invalid checksum digest length/],
  [`${empty.slice(0, -1)}\n`, /^invalid checksum digest format/],
  [`sha512:${'0'.repeat(64)}`, /^invalid checksum digest length/],
  [`sha384:${'0'.repeat(96)}`, /^unsupported digest algorithm/],
  [`md5:${'0'.repeat(32)}`, /^unsupported digest algorithm/],
  [`constructor:${'0'.repeat(64)}`, /^unsupported digest algorithm/],
];

test('what is no digest is refused and says why', () => {
  for (const [text, message] of refused) {
    assert.equal(isDigest(text), false, text);
    assert.throws(() => parseDigest(text), { kind: 'invalid-argument', code: 'digest-invalid', message });
  }
});

test('bytes digested in pieces have the digest of the whole', () => {
  const bytes = new TextEncoder().encode('hello, world');
  assert.equal(digestOf(new Uint8Array()), empty);
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const digester = createDigester(algorithm);
    for (const byte of bytes) digester.update(Uint8Array.of(byte));
    const digest = digester.digest();
    assert.equal(digest, digestOf(bytes, algorithm));
    assert.ok(isDigest(digest));
  }
});
