import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createMemoryContent, type ContentStore } from '#content';
import { digestOf, mediaTypes } from '#oci';
import { createMemoryRegistry } from '#registry';
import { pushBlob } from './push-blob.ts';

const blob = randomBytes(5000);
const descriptor = { mediaType: mediaTypes.ociLayer, digest: digestOf(blob), size: blob.length };

async function storeOf(bytes: Uint8Array): Promise<ContentStore> {
  const store = createMemoryContent();
  await using ingest = await store.ingest(digestOf(bytes));
  await ingest?.write(bytes);
  await ingest?.commit();
  return store;
}

test('a blob is sent once, and then it exists', async () => {
  const registry = createMemoryRegistry();
  const store = await storeOf(blob);
  const progress: number[] = [];
  const options = {
    registry,
    repository: 'a/b',
    descriptor,
    store,
    onProgress: (bytes: number) => progress.push(bytes),
  };
  assert.deepEqual(await pushBlob(options), { how: 'uploaded' });
  assert.equal(progress.at(-1), blob.length);
  assert.deepEqual(await pushBlob(options), { how: 'exists' });
  const { body } = await registry.getBlob('a/b', descriptor.digest);
  assert.ok(Buffer.concat(await Array.fromAsync(body)).equals(blob));
});

test('a blob that another repository has is linked, without the store', async () => {
  const registry = createMemoryRegistry();
  await pushBlob({ registry, repository: 'a/b', descriptor, store: await storeOf(blob) });
  const pushed = await pushBlob({
    registry,
    repository: 'c/d',
    descriptor,
    store: createMemoryContent(),
    sources: ['c/d', 'not/here', 'a/b'],
  });
  assert.deepEqual(pushed, { how: 'mounted', from: 'a/b' });
});

test('a blob that is nowhere is an error', async () => {
  const work = pushBlob({
    registry: createMemoryRegistry(),
    repository: 'a/b',
    descriptor,
    store: createMemoryContent(),
  });
  await assert.rejects(work, { kind: 'not-found', code: 'blob-not-found' });
});
