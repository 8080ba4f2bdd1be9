import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { chainIds, digestOf, parseDigest } from './index.ts';

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const [a, b, c] = ['a', 'b', 'c'].map((text) => digestOf(new TextEncoder().encode(text)));

test('each layer is chained to all below it', () => {
  const ab = sha256(`${a!} ${b!}`);
  assert.deepEqual(chainIds([a!, b!, c!]), [a, ab, sha256(`${ab} ${c!}`)]);
  assert.deepEqual(chainIds([]), []);
});

test('the same layer twice makes two chains', () => {
  assert.equal(new Set(chainIds([a!, a!])).size, 2);
});

test('a chain is sha256 whatever its layers are', () => {
  const wide = parseDigest(`sha512:${'1'.repeat(128)}`);
  assert.deepEqual(chainIds([wide, a!]), [wide, sha256(`${wide} ${a!}`)]);
});
