import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attempt } from '../../test/support/attempt.ts';
import {
  canonicalString,
  digestOf,
  familiarName,
  familiarString,
  formatPlatform,
  matchesPlatform,
  normalisePlatform,
  parsePlatform,
  parseReference,
  type Platform,
} from './index.ts';

const digests = fc
  .tuple(fc.uint8Array({ maxLength: 8 }), fc.constantFrom('sha256' as const, 'sha512' as const))
  .map(([bytes, algorithm]) => digestOf(bytes, algorithm));

// Strings of whole code points: a lone surrogate has no UTF-8.
const texts = fc.string({ unit: 'grapheme', maxLength: 10 });
const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const references = fc
  .record(
    {
      domain: fc.oneof(
        fc.constantFrom('docker.io', 'localhost', '[::1]:5000', 'Host', '127.0.0.1:80'),
        fc.stringMatching(/^[a-z]{1,5}\.[a-z]{2}(:[0-9]{1,4})?$/),
      ),
      path: fc
        .array(fc.oneof(word, fc.constantFrom('library', 'localhost', 'a.b', 'a__b-c', 'f'.repeat(64))), {
          minLength: 1,
          maxLength: 3,
        })
        .map((parts) => parts.join('/')),
      tag: fc.stringMatching(/^\w[\w.-]{0,20}$/),
      digest: digests,
    },
    { noNullPrototype: true, requiredKeys: ['domain', 'path'] },
  )
  // On the hub a single component is always within library/.
  .map((reference) =>
    reference.domain === 'docker.io' && !reference.path.includes('/')
      ? { ...reference, path: `library/${reference.path}` }
      : reference,
  );

test('a reference reads back from both of its forms', () => {
  fc.assert(
    fc.property(references, (reference) => {
      assert.deepEqual(parseReference(canonicalString(reference)), reference);
      assert.deepEqual(parseReference(familiarString(reference)), reference);
      const { domain, path } = reference;
      assert.deepEqual(parseReference(familiarName(reference)), { domain, path });
    }),
    { numRuns: 500 },
  );
});

test('what parses as a reference has one canonical form, and what does not is refused with an error of ours', () => {
  const characters = fc.string({
    unit: fc.constantFrom(...'a A 0 . : / @ _ - [ ] sha256: docker.io/'.split(' ')),
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.oneof(characters, texts), (text) => {
      const reference = attempt(() => parseReference(text));
      if (reference === undefined) return;
      assert.deepEqual(parseReference(canonicalString(reference)), reference);
      assert.deepEqual(parseReference(familiarString(reference)), reference);
    }),
    { numRuns: 2000 },
  );
});

const platforms: fc.Arbitrary<Platform> = fc.record(
  {
    os: fc.constantFrom('linux', 'windows', 'darwin', 'unknown'),
    architecture: fc.constantFrom('amd64', 'arm', 'arm64', '386', 'x86_64', 'armhf', 'riscv64'),
    variant: fc.constantFrom('v1', 'v5', 'v6', 'v7', 'v8', '8', 'v8.3', 'v9', 'v9.1', 'x'),
    osVersion: word,
    osFeatures: fc.array(word, { maxLength: 3 }),
  },
  { noNullPrototype: true, requiredKeys: ['os', 'architecture'] },
);

test('a normal platform stays what it is, reads back, and matches itself', () => {
  fc.assert(
    fc.property(platforms, (platform) => {
      const normal = normalisePlatform(platform);
      assert.deepEqual(normalisePlatform(normal), normal);
      assert.equal(formatPlatform(parsePlatform(formatPlatform(platform))), formatPlatform(normal));
      assert.ok(matchesPlatform(platform, platform));
    }),
  );
});

test('what is no platform is refused with an error of ours', () => {
  const characters = fc.string({
    unit: fc.constantFrom(...'a / ( ) * . linux arm v7'.split(' ')),
    maxLength: 8,
  });
  fc.assert(
    fc.property(characters, (text) => {
      const platform = attempt(() => parsePlatform(text));
      if (platform !== undefined) assert.deepEqual(normalisePlatform(platform), platform);
    }),
  );
});
