import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#errors';
import { digestOf, encodeManifest, mediaTypes } from '#oci';
import { createMemoryRegistry, type RegistryReader } from '#registry';
import { openLoopback, sendJson } from '../../test/support/loopback.ts';
import { createRegistryClients } from './clients.ts';
import { readMirrored } from './mirrors.ts';

const manifest = {
  bytes: encodeManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests: [] }),
  mediaType: mediaTypes.ociIndex,
};

/** A mirror whose every answer is this error. */
function failing(error: Error): RegistryReader & { asked: number } {
  const fail = async (): Promise<never> => {
    reader.asked++;
    throw error;
  };
  const reader = { asked: 0, getManifest: fail, headManifest: fail, getBlob: fail, headBlob: fail };
  return reader;
}

test('whatever is wrong with the mirrors, the origin answers', async () => {
  const origin = createMemoryRegistry();
  await origin.putManifest('a/b', 'v1', manifest);
  const mirrors = [
    failing(new GantryError('unavailable', 'registry-unreachable', 'x')),
    failing(new GantryError('unauthorized', 'registry-unauthorized', 'x')),
    createMemoryRegistry(),
  ];
  const reader = readMirrored(mirrors, origin, () => 0);
  const digest = digestOf(manifest.bytes);
  assert.equal((await reader.getManifest('a/b', 'v1')).digest, digest);
  assert.equal((await reader.headManifest('a/b', 'v1'))?.digest, digest);
  await assert.rejects(reader.getBlob('a/b', digest), { code: 'blob-unknown' });
  assert.equal(await reader.headBlob('a/b', digest), undefined);
});

test('a mirror that cannot be reached is left alone for a while', async () => {
  let now = 0;
  const dead = failing(new GantryError('unavailable', 'registry-unreachable', 'x'));
  const reader = readMirrored([dead], createMemoryRegistry(), () => now);
  for (const time of [0, 29_999, 30_000, 30_001]) {
    now = time;
    await reader.headManifest('a/b', 'v1');
  }
  assert.equal(dead.asked, 2);
});

test('an abort is not taken to the origin', async () => {
  const reader = readMirrored(
    [failing(AbortSignal.abort().reason as Error)],
    createMemoryRegistry(),
    () => 0,
  );
  await assert.rejects(reader.headManifest('a/b', 'v1'), { name: 'AbortError' });
});

test('Docker Hub is read from its mirror, with the mirror’s path and nobody’s credentials', async () => {
  await using mirror = await openLoopback(({ path, headers }, response) => {
    if (path.startsWith('/token')) sendJson(response, 200, { token: 'anybody' });
    else if (headers.authorization === 'Bearer anybody') {
      response.writeHead(200, { 'content-type': manifest.mediaType }).end(manifest.bytes);
    } else {
      const realm = `http://${headers.host ?? ''}/token`;
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end();
    }
  });
  await using clients = createRegistryClients({
    version: '0',
    env: {},
    registryMirrors: [`http://${mirror.host}/hub/`],
  });
  const registry = clients.open('docker.io', { username: 'me', password: 'secret' });
  assert.equal((await registry.getManifest('library/a', 'v1')).digest, digestOf(manifest.bytes));
  assert.equal(mirror.seen[0]?.path, '/hub/v2/library/a/manifests/v1');
  assert.deepEqual(
    [...new Set(mirror.seen.map(({ headers }) => headers.authorization))],
    [undefined, 'Bearer anybody'],
  );
});
