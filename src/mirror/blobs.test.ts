import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findError, GantryError } from '#errors';
import { digestOf, type Digest } from '#oci';
import type { BlobBody } from '#registry';
import { temporaryDirectory } from '../../test/support/peers.ts';
import { bytesOf, openTestMirror, putImage, type TestMirror } from '../../test/support/test-mirror.ts';
import { orAbort } from './flights.ts';

const fails =
  (code: string) =>
  (error: unknown): boolean =>
    findError(error)?.code === code;

const repository = 'docker.io/a/b';
const blob = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => (at * 7919) >> 5));
const digest = digestOf(blob);

/**
 * Has the upstream send `sent` under the blob's digest, and stop at `stops` until `go` is called. A `fault` is thrown
 * when all is sent.
 */
function gate(
  { upstream }: TestMirror,
  { sent = blob, stops = 500_000 }: { sent?: Uint8Array; stops?: number } = {},
) {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const offsets: number[] = [];
  upstream.headBlob = async () => ({ size: sent.length });
  upstream.getBlob = async (_, __, { offset = 0, signal } = {}): Promise<BlobBody> => {
    offsets.push(offset);
    async function* body(): AsyncIterable<Uint8Array> {
      for (let at = offset; at < sent.length; at += 50_000) {
        if (at === stops) await orAbort(promise, signal);
        yield sent.subarray(at, at + 50_000);
      }
    }
    return { offset, size: sent.length, body: body() };
  };
  return { offsets, go: resolve as () => void };
}

/** Reads `length` bytes and leaves. */
async function readSome(body: AsyncIterable<Uint8Array>, length: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
    if (chunks.reduce((sum, { length: more }) => sum + more, 0) >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}

/** Waits until the repository has the blob. */
async function linked({ metadata }: TestMirror, wanted: Digest = digest): Promise<void> {
  while ((await metadata.repositories.facts.blob('docker.io/a/b', wanted)) === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('many clients of a cold blob are one transfer, and each reads while it comes', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { registry } = opened;
  const { offsets, go } = gate(opened);
  const bodies = await Promise.all(Array.from({ length: 8 }, () => registry.getBlob(repository, digest)));
  assert.deepEqual(
    bodies.map(({ size }) => size),
    bodies.map(() => blob.length),
  );
  const early = await readSome((await registry.getBlob(repository, digest)).body, 400_000);
  assert.deepEqual(early, blob.subarray(0, 400_000));
  const late = registry.getBlob(repository, digest, { offset: 900_000 });
  go();
  for (const { body } of bodies) assert.ok(blob.equals(await bytesOf(body)));
  assert.ok(blob.subarray(900_000).equals(await bytesOf((await late).body)));
  assert.deepEqual(offsets, [0]);
  await linked(opened);
  assert.equal(opened.headers['x-cache'], 'MISS');
  await registry.getBlob(repository, digest);
  assert.equal(opened.headers['x-cache'], 'HIT');
});

test('a store without files serves its readers when the blob is whole', async () => {
  await using opened = await openTestMirror();
  const { offsets, go } = gate(opened);
  const bodies = await Promise.all([1, 2].map(() => opened.registry.getBlob(repository, digest)));
  go();
  for (const { body } of bodies) assert.ok(blob.equals(await bytesOf(body)));
  assert.deepEqual(offsets, [0]);
});

test('the fill goes on when all its clients have gone', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { offsets, go } = gate(opened);
  const client = new AbortController();
  const { body } = await opened.registry.getBlob(repository, digest, { signal: client.signal });
  const reading = bytesOf(body);
  client.abort();
  await assert.rejects(reading, (error: Error) => error.name === 'AbortError');
  go();
  await linked(opened);
  assert.ok(blob.equals(await bytesOf(opened.content.read(digest))));
  assert.deepEqual(offsets, [0]);
});

test('a reader that stands still keeps neither the fill nor the others', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { go } = gate(opened);
  const { body } = await opened.registry.getBlob(repository, digest);
  const slow = body[Symbol.asyncIterator]();
  const first = await slow.next();
  go();
  await linked(opened);
  assert.ok(blob.equals(await bytesOf((await opened.registry.getBlob(repository, digest)).body)));
  const rest = await bytesOf({ [Symbol.asyncIterator]: () => slow });
  assert.ok(blob.equals(Buffer.concat([first.value as Uint8Array, rest])));
});

test('bytes with another digest never come to an end, and are dropped', async () => {
  await using opened = await openTestMirror({ disk: true });
  const wrong = Buffer.from(blob);
  wrong[10] = 1 ^ blob[10]!;
  const { offsets, go } = gate(opened, { sent: wrong });
  const { body } = await opened.registry.getBlob(repository, digest);
  const late = await opened.registry.getBlob(repository, digest, { offset: blob.length - 1 });
  let taken = 0;
  const reading = (async () => {
    for await (const chunk of body) taken += chunk.length;
  })();
  const reads = [
    assert.rejects(reading, fails('blob-digest')),
    assert.rejects(bytesOf(late.body), fails('blob-digest')),
  ];
  go();
  await Promise.all(reads);
  assert.ok(taken < blob.length);
  assert.equal(await opened.content.stat(digest), undefined);
  assert.deepEqual(await Array.fromAsync(opened.content.listIngests()), []);
  assert.deepEqual(offsets, [0]);
  // Right bytes are taken the next time.
  gate(opened).go();
  assert.ok(blob.equals(await bytesOf((await opened.registry.getBlob(repository, digest)).body)));
});

test('a mirror that was closed in a fill goes on where it was, in its next life', async () => {
  await using home = await temporaryDirectory('mirror');
  const settings = { disk: home.path, database: join(home.path, 'metadata.sqlite') };
  {
    await using opened = await openTestMirror(settings);
    gate(opened);
    const { body } = await opened.registry.getBlob(repository, digest);
    await readSome(body, 450_000);
    await opened.mirror[Symbol.asyncDispose]();
    await assert.rejects(opened.registry.getBlob(repository, digest), fails('registry-unreachable'));
  }
  await using opened = await openTestMirror(settings);
  const { offsets, go } = gate(opened);
  go();
  assert.ok(blob.equals(await bytesOf((await opened.registry.getBlob(repository, digest)).body)));
  assert.equal(offsets.length, 1);
  assert.ok(offsets[0]! >= 450_000, String(offsets[0]));
});

test('two mirrors over one store fetch a blob once', async () => {
  await using home = await temporaryDirectory('mirror');
  const settings = { disk: home.path, database: join(home.path, 'metadata.sqlite') };
  await using one = await openTestMirror(settings);
  await using two = await openTestMirror(settings);
  const gates = [gate(one), gate(two)];
  const first = await one.registry.getBlob(repository, digest);
  const second = await two.registry.getBlob(repository, digest);
  assert.equal(second.size, blob.length);
  for (const { go } of gates) go();
  for (const { body } of [first, second]) assert.ok(blob.equals(await bytesOf(body)));
  assert.deepEqual(
    gates.flatMap(({ offsets }) => offsets),
    [0],
  );
});

test('the config and the layers of a manifest are fetched without asking for their sizes', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { registry, upstream, asked } = opened;
  const { descriptors, layers } = await putImage(upstream, 'a/b');
  await registry.getManifest(repository, 'latest');
  const [layer] = descriptors.layers;
  assert.ok(
    Buffer.from(layers[0]!).equals(await bytesOf((await registry.getBlob(repository, layer!.digest)).body)),
  );
  assert.deepEqual(asked.slice(1), [`getBlob a/b ${layer!.digest}`]);
});

test('a blob of another size than its manifest says is cut', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { registry, upstream } = opened;
  const { descriptors } = await putImage(upstream, 'a/b');
  await registry.getManifest(repository, 'latest');
  gate(opened, { stops: Infinity });
  const layer = descriptors.layers[0]!.digest;
  const { body } = await registry.getBlob(repository, layer);
  await assert.rejects(bytesOf(body), fails('blob-size'));
  assert.equal(await opened.content.stat(layer), undefined);
});

test('a blob that the store has is read in a repository only when its upstream says that it has it', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { local, registry, upstream, asked } = opened;
  const image = await putImage(local, 'hosted/secret');
  const [layer] = image.descriptors.layers;
  assert.equal(await registry.headBlob(repository, layer!.digest), undefined);
  await assert.rejects(registry.getBlob(repository, layer!.digest), fails('blob-unknown'));
  await putImage(upstream, 'a/b');
  opened.pass(20_000);
  asked.length = 0;
  const { body } = await registry.getBlob(repository, layer!.digest);
  assert.ok(Buffer.from(image.layers[0]!).equals(await bytesOf(body)));
  assert.deepEqual(asked, [`headBlob a/b ${layer!.digest}`]);
});

test('a manifest that lists a foreign digest opens no blob of the store', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { local, registry, upstream } = opened;
  const { descriptors } = await putImage(local, 'hosted/secret');
  await putImage(upstream, 'a/b');
  await registry.getManifest(repository, 'latest');
  opened.before = (asked) => {
    if (asked.startsWith('headBlob')) throw new GantryError('not-found', 'blob-unknown', 'blob unknown');
  };
  await assert.rejects(registry.getBlob(repository, descriptors.layers[0]!.digest), fails('blob-unknown'));
});

test('a head of a cold blob fetches nothing, and a range waits for its bytes', async () => {
  await using opened = await openTestMirror({ disk: true });
  const { registry, asked } = opened;
  const { offsets, go } = gate(opened);
  for (let n = 0; n < 2; n++)
    assert.deepEqual(await registry.headBlob(repository, digest), { size: blob.length });
  assert.deepEqual(offsets, []);
  asked.length = 0;
  const { body, offset } = await registry.getBlob(repository, digest, { offset: 100 });
  assert.equal(offset, 100);
  assert.ok(blob.subarray(100, 300_000).equals(await readSome(body, 299_900)));
  assert.deepEqual(asked, [`getBlob a/b ${digest}`]);
  await assert.rejects(registry.getBlob(repository, digest, { offset: blob.length }), fails('blob-range'));
  go();
});

test('an empty blob is fetched like any other', async () => {
  await using opened = await openTestMirror({ disk: true });
  const empty = digestOf(new Uint8Array());
  gate(opened, { sent: new Uint8Array() });
  const { body, size } = await opened.registry.getBlob(repository, empty);
  assert.equal(size, 0);
  assert.equal((await bytesOf(body)).length, 0);
  await linked(opened, empty);
});

test('no more blobs are fetched at once than the upstream may be asked for', async () => {
  await using opened = await openTestMirror({ upstreams: [{ domain: 'docker.io', transfers: 2 }] });
  const { registry, upstream } = opened;
  const image = await putImage(upstream, 'a/b', { layers: 6 });
  const getBlob = upstream.getBlob.bind(upstream);
  let [now, most] = [0, 0];
  upstream.getBlob = async (...request) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 10));
    now--;
    return getBlob(...request);
  };
  await Promise.all(
    image.descriptors.layers.map(async (layer) =>
      bytesOf((await registry.getBlob(repository, layer.digest)).body),
    ),
  );
  assert.equal(most, 2);
});
