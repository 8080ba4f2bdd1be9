import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseChallenges } from './challenge.ts';

const plain = (header: string | string[]): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test('the challenges of real registries are read', () => {
  assert.deepEqual(
    plain(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    ),
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
  );
  assert.deepEqual(plain('Basic realm="Registry \\"x\\", y"'), [['basic', { realm: 'Registry "x", y' }]]);
  assert.deepEqual(plain(['Negotiate', 'BASIC Realm = abc , charset="UTF-8", Bearer realm="b"']), [
    ['negotiate', {}],
    ['basic', { realm: 'abc', charset: 'UTF-8' }],
    ['bearer', { realm: 'b' }],
  ]);
  assert.deepEqual(plain('Negotiate a87421000492aa874209af8bc028==, Digest realm="d",realm="e"'), [
    ['negotiate', {}],
    ['digest', { realm: 'd' }],
  ]);
  assert.deepEqual(parseChallenges(undefined), []);
  assert.deepEqual(plain('Bearer realm="unclosed'), [['bearer', {}]]);
});

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const challenge = fc.tuple(
  token,
  fc.uniqueArray(fc.tuple(token, fc.string()), { selector: ([name]) => name, minLength: 1 }),
);

const write = ([scheme, parameters]: [string, [string, string][]]): string =>
  `${scheme} ${parameters.map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`).join(', ')}`;

test('what is written by the rules is read back, in one line or several', () => {
  fc.assert(
    fc.property(fc.array(challenge, { minLength: 1, maxLength: 4 }), (challenges) => {
      const expected = challenges.map(([scheme, parameters]) => [scheme, Object.fromEntries(parameters)]);
      assert.deepEqual(plain(challenges.map(write)), expected);
      assert.deepEqual(plain(challenges.map(write).join(', ')), expected);
    }),
  );
});

test('anything at all is read without failing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', '"', '\\', ',', ' ', 'é', '\t') }), (header) => {
      for (const { scheme } of parseChallenges(header)) assert.match(scheme, /^a+$/);
    }),
  );
});
