import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '#oci';
import { blobPath, manifestPath, tagsPath, uploadsPath } from './paths.ts';

const digest = digestOf(new Uint8Array());

test('each request has the path of the specification', () => {
  assert.equal(manifestPath('a/b', 'v1'), '/v2/a/b/manifests/v1');
  assert.equal(manifestPath('a/b', digest), `/v2/a/b/manifests/${digest}`);
  assert.equal(blobPath('a/b', digest), `/v2/a/b/blobs/${digest}`);
  assert.equal(uploadsPath('a/b'), '/v2/a/b/blobs/uploads/');
  assert.equal(
    uploadsPath('a/b', { digest, from: 'c/d' }),
    `/v2/a/b/blobs/uploads/?mount=${digest.replace(':', '%3A')}&from=c%2Fd`,
  );
  assert.equal(tagsPath('a/b', 10), '/v2/a/b/tags/list?n=10');
});

test('what would leave the path is no name', () => {
  for (const name of [
    '',
    '..',
    'a/../b',
    'a/',
    '/a',
    'A',
    'a?b',
    'a#b',
    'a b',
    'a%2f',
    'a\n',
    'x'.repeat(256),
  ]) {
    assert.throws(() => tagsPath(name, 1), { code: 'name-invalid' }, name);
  }
  for (const tag of ['', '.a', 'a/b', 'a:b', 'x'.repeat(129), 'sha256:ab']) {
    assert.throws(() => manifestPath('a', tag), { code: 'tag-invalid' }, tag);
  }
});
