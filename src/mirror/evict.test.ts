import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, type Digest } from '#oci';
import { bytesOf, openTestMirror, putImage, type TestMirror } from '../../test/support/test-mirror.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Pulls an image of one layer as clients do. Answers the layer's digest. */
async function pull({ registry, upstream }: TestMirror, path: string, seed: number): Promise<Digest> {
  await putImage(upstream, path, { seed, layers: 1, fileSize: 10_000 });
  const { digest } = await registry.getManifest(`docker.io/${path}`, 'latest');
  return pullAgain({ registry }, path, { seed, digest });
}

async function pullAgain(
  { registry }: Pick<TestMirror, 'registry'>,
  path: string,
  { digest }: { seed: number; digest: Digest },
): Promise<Digest> {
  const manifest = await registry.getManifest(`docker.io/${path}`, digest);
  const document = JSON.parse(Buffer.from(manifest.bytes).toString()) as {
    layers: { digest: Digest }[];
    config: { digest: Digest };
  };
  const layer = document.layers[0]!.digest;
  for (const part of [document.config.digest, layer]) {
    await bytesOf((await registry.getBlob(`docker.io/${path}`, part)).body);
  }
  return layer;
}

/** What the store has after a collection. */
async function stored({ local, content }: TestMirror): Promise<Set<Digest>> {
  await local.collect();
  const blobs = await Array.fromAsync(content.list());
  return new Set(blobs.map(({ digest }) => digest));
}

test('the longest unused makes room, and a pull counts as use', async () => {
  await using opened = await openTestMirror({ bounds: { bytes: 25_000 } });
  const { pass, registry, mirror } = opened;
  const layers: Digest[] = [];
  for (let seed = 1; seed <= 3; seed++) {
    layers.push(await pull(opened, `a/b${seed}`, seed));
    pass(minute);
  }
  // The first is used again: the second is the oldest now.
  await bytesOf((await registry.getBlob('docker.io/a/b1', layers[0]!)).body);
  const { items, bytes } = await mirror.evict();
  assert.ok(items > 0 && bytes > 10_000 && bytes < 20_000, `${items} items, ${bytes} bytes`);
  const left = await stored(opened);
  assert.deepEqual(
    layers.map((layer) => left.has(layer)),
    [true, false, true],
  );
  assert.ok((await opened.metadata.mirrored.bytes()) <= 25_000);
  assert.deepEqual(await mirror.evict(), { items: 0, bytes: 0 });
  // What went comes again.
  const { digest } = await registry.getManifest('docker.io/a/b2', 'latest');
  assert.equal(await pullAgain(opened, 'a/b2', { seed: 2, digest }), layers[1]);
});

test('what nobody asks for goes when its time is over, and use starts the time anew', async () => {
  await using opened = await openTestMirror({ bounds: { unused: 7 * day } });
  const { pass, registry, mirror } = opened;
  const old = await pull(opened, 'a/old', 1);
  const used = await pull(opened, 'a/used', 2);
  pass(6 * day);
  assert.equal((await mirror.evict()).items, 0);
  const { digest } = await registry.getManifest('docker.io/a/used', 'latest');
  await pullAgain(opened, 'a/used', { seed: 2, digest });
  pass(2 * day);
  assert.equal((await mirror.evict()).items, 3);
  const left = await stored(opened);
  assert.deepEqual([left.has(old), left.has(used)], [false, true]);
  assert.deepEqual((await registry.repositories({ limit: 10 })).items, ['docker.io/a/used']);
});

test('pinned and hosted content stays, however small the bounds', async () => {
  await using opened = await openTestMirror({
    upstreams: [{ domain: 'docker.io', pin: ['library/**'] }],
    bounds: { bytes: 0, unused: 0 },
  });
  const { local, pass, mirror } = opened;
  const pinned = await pull(opened, 'library/base', 1);
  const shared = await pull(opened, 'a/shared', 2);
  const gone = await pull(opened, 'a/gone', 3);
  await putImage(local, 'hosted/shared', { seed: 2, layers: 1, fileSize: 10_000 });
  const hosted = await putImage(local, 'hosted/app', { seed: 4 });
  pass(minute);
  await mirror.evict();
  const left = await stored(opened);
  assert.deepEqual(
    [pinned, shared, gone].map((layer) => left.has(layer)),
    [true, true, false],
  );
  for (const { digest } of hosted.descriptors.layers) assert.ok(left.has(digest));
  assert.ok(await local.headBlob('hosted/shared', shared));
  assert.equal(await local.headBlob('docker.io/a/shared', shared), undefined);
});

test('more than is looked at between two countings is evicted, too', async () => {
  await using opened = await openTestMirror({ bounds: { bytes: 0 } });
  await putImage(opened.upstream, 'a/many', { layers: 230, fileSize: 10 });
  const { bytes } = await opened.registry.getManifest('docker.io/a/many', 'latest');
  const { layers } = JSON.parse(Buffer.from(bytes).toString()) as { layers: { digest: Digest }[] };
  for (const { digest } of layers) {
    await bytesOf((await opened.registry.getBlob('docker.io/a/many', digest)).body);
  }
  opened.pass(minute);
  assert.equal((await opened.mirror.evict()).items, 231);
  assert.equal(await opened.metadata.mirrored.bytes(), 0);
});

test('an unfinished blob goes when nobody went on with it for a week', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { content, mirror, pass } = opened;
  const digest = digestOf(Buffer.from('never whole'));
  const grow = async (): Promise<void> => {
    await using ingest = await content.ingest(digest);
    await ingest?.write(Buffer.from('x'));
  };
  const unfinished = async (): Promise<number> => (await Array.fromAsync(content.listIngests())).length;
  await grow();
  await mirror.evict();
  pass(6 * day);
  await grow();
  await mirror.evict();
  pass(6 * day);
  await mirror.evict();
  assert.equal(await unfinished(), 1);
  pass(2 * day);
  await mirror.evict();
  assert.equal(await unfinished(), 0);
});
