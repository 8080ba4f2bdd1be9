import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError, GantryError } from '#errors';
import { digestOf, encodeManifest, mediaTypes } from '#oci';
import { registryError } from '#registry';
import { bytesOf, openTestMirror, putImage } from '../../test/support/test-mirror.ts';

const minute = 60_000;
const fails =
  (code: string) =>
  (error: unknown): boolean =>
    findError(error)?.code === code;
const down = (): never => {
  throw new GantryError('unavailable', 'registry-unreachable', 'no route to host');
};

test('a manifest comes byte for byte, by tag and by digest, and once', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, asked, headers } = opened;
  const image = await putImage(upstream, 'library/busybox');
  const { digest, mediaType } = image.descriptors.manifest;
  for (const reference of ['latest', 'latest', digest]) {
    const got = await registry.getManifest('library/busybox', reference);
    assert.deepEqual(
      [Buffer.from(got.bytes), got.mediaType, got.digest],
      [...[Buffer.from(image.manifest), mediaType, digest]],
    );
  }
  assert.deepEqual(await registry.headManifest('busybox', 'latest'), {
    ...{ mediaType, digest, size: image.manifest.length },
  });
  assert.deepEqual(asked, ['getManifest library/busybox latest']);
  assert.equal(headers['x-cache'], 'HIT');
  assert.equal(headers['oci-namespace'], 'docker.io');
});

test('an index is kept whole, and its manifests come when they are asked for', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, asked } = opened;
  const images = [
    await putImage(upstream, 'a/b', { seed: 1, tag: 'one' }),
    await putImage(upstream, 'a/b', { seed: 2, tag: 'two' }),
  ];
  const bytes = encodeManifest({
    kind: 'index',
    mediaType: mediaTypes.ociIndex,
    manifests: images.map(({ descriptors }) => descriptors.manifest),
  });
  await upstream.putManifest('a/b', 'all', { bytes, mediaType: mediaTypes.ociIndex });
  assert.deepEqual(Buffer.from((await registry.getManifest('a/b', 'all')).bytes), Buffer.from(bytes));
  assert.equal(asked.length, 1);
  const child = images[1]!.descriptors.manifest.digest;
  assert.equal((await registry.getManifest('a/b', child)).digest, child);
  assert.deepEqual(asked.slice(1), [`getManifest a/b ${child}`]);
});

test('a document of an unknown type is kept as it is, and what is no manifest is passed on unkept', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, asked } = opened;
  const serve = (text: string, mediaType: string): void => {
    const bytes = Buffer.from(text);
    upstream.getManifest = async () => ({ bytes, mediaType, digest: digestOf(bytes) });
  };
  serve('{"any":"thing"}', 'application/vnd.example.thing+json');
  for (let n = 0; n < 2; n++) {
    const got = await registry.getManifest('a/b', 'thing');
    assert.equal(Buffer.from(got.bytes).toString(), '{"any":"thing"}');
    assert.equal(got.mediaType, 'application/vnd.example.thing+json');
  }
  assert.equal(asked.length, 1);
  serve('{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+json');
  for (let n = 0; n < 2; n++) {
    assert.equal(
      Buffer.from((await registry.getManifest('a/b', 'old')).bytes).toString(),
      '{"schemaVersion":1}',
    );
  }
  assert.equal(asked.length, 3);
  assert.deepEqual(await Array.fromAsync(opened.local.tags('docker.io/a/b')), ['thing']);
});

test('what the store has lost comes again', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, content, asked } = opened;
  const { descriptors, layers } = await putImage(upstream, 'a/b', { fileSize: 100_000 });
  const [{ digest }, [layer]] = [descriptors.manifest, descriptors.layers];
  await bytesOf((await registry.getBlob('a/b', layer!.digest)).body);
  await content.delete(layer!.digest);
  assert.ok(
    Buffer.from(layers[0]!).equals(await bytesOf((await registry.getBlob('a/b', layer!.digest)).body)),
  );
  await registry.getManifest('a/b', 'latest');
  await content.delete(digest);
  asked.length = 0;
  assert.equal((await registry.getManifest('a/b', 'latest')).digest, digest);
  assert.deepEqual(asked, [`getManifest a/b ${digest}`]);
});

test('a tag is asked for by HEAD when its time is over, by one for all who wait', async () => {
  await using opened = await openTestMirror({ upstreams: [{ domain: 'docker.io', revalidate: 60 }] });
  const { registry, upstream, asked, headers, pass } = opened;
  await putImage(upstream, 'a/b');
  await registry.getManifest('a/b', 'latest');
  pass(59_000);
  await registry.getManifest('a/b', 'latest');
  assert.equal(asked.length, 1);
  assert.equal(headers['age'], '59');
  pass(2000);
  await Promise.all(Array.from({ length: 8 }, () => registry.getManifest('a/b', 'latest')));
  assert.deepEqual(asked.slice(1), ['headManifest a/b latest']);
  assert.equal(headers['x-cache'], 'REVALIDATED');
  pass(59_000);
  await registry.getManifest('a/b', 'latest');
  assert.equal(asked.length, 2);
});

test('a tag that moved is followed, and the manifest that it left stays readable', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, asked, pass } = opened;
  const old = await putImage(upstream, 'a/b', { seed: 1 });
  await registry.getManifest('a/b', 'latest');
  const moved = await putImage(upstream, 'a/b', { seed: 2 });
  pass(2 * minute);
  const { digest } = moved.descriptors.manifest;
  assert.equal((await registry.getManifest('a/b', 'latest')).digest, digest);
  assert.deepEqual(asked.slice(1), ['headManifest a/b latest', `getManifest a/b ${digest}`]);
  const before = old.descriptors.manifest.digest;
  assert.equal((await registry.getManifest('a/b', before)).digest, before);
  // Back again: the bytes are here.
  await upstream.putManifest('a/b', 'latest', {
    ...{ bytes: old.manifest, mediaType: old.descriptors.manifest.mediaType },
  });
  pass(2 * minute);
  assert.equal((await registry.headManifest('a/b', 'latest'))?.digest, before);
  assert.equal(asked.at(-1), 'headManifest a/b latest');
});

test('a tag that is gone upstream is gone here, unless the upstream is set to keep it', async () => {
  for (const keepGone of [false, true]) {
    await using opened = await openTestMirror({ upstreams: [{ domain: 'docker.io', keepGone }] });
    const { registry, upstream, local, headers, pass } = opened;
    const { descriptors } = await putImage(upstream, 'a/b');
    const { digest } = descriptors.manifest;
    await registry.getManifest('a/b', 'latest');
    upstream.headManifest = async () => undefined;
    pass(2 * minute);
    const found = await registry.headManifest('a/b', 'latest');
    assert.equal(found?.digest, keepGone ? digest : undefined);
    assert.equal(headers['warning'] !== undefined, keepGone);
    assert.deepEqual(await Array.fromAsync(local.tags('docker.io/a/b')), keepGone ? ['latest'] : []);
    assert.equal((await registry.getManifest('a/b', digest)).digest, digest);
  }
});

test('while the upstream is down a tag stays what it was, with a warning, and the upstream is left alone', async () => {
  await using opened = await openTestMirror({
    upstreams: [{ domain: 'docker.io', revalidate: 60, stale: 3600 }],
  });
  const { registry, upstream, asked, headers, pass } = opened;
  const { descriptors } = await putImage(upstream, 'a/b');
  await registry.getManifest('a/b', 'latest');
  opened.before = down;
  pass(10 * minute);
  for (let n = 0; n < 3; n++) {
    assert.equal((await registry.getManifest('a/b', 'latest')).digest, descriptors.manifest.digest);
  }
  assert.equal(asked.length, 2);
  assert.equal(headers['x-cache'], 'STALE');
  assert.equal(headers['age'], '600');
  assert.match(
    headers['warning'] ?? '',
    /^299 - "docker.io could not be asked: .* 600 s ago \(no route to host\)"$/,
  );
  pass(minute);
  await registry.getManifest('a/b', 'latest');
  assert.equal(asked.length, 3);
  pass(60 * minute);
  await assert.rejects(registry.getManifest('a/b', 'latest'), fails('registry-unreachable'));
});

test('a rate limit keeps the upstream alone for as long as it asked, and a page instead of an answer is no answer', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, asked, headers, pass } = opened;
  await putImage(upstream, 'a/b');
  await registry.getManifest('a/b', 'latest');
  opened.before = () => {
    throw registryError('TOOMANYREQUESTS', 'slow down', { subject: { retryAfter: 600 } });
  };
  pass(2 * minute);
  await registry.getManifest('a/b', 'latest');
  pass(9 * minute);
  await registry.getManifest('a/b', 'latest');
  assert.equal(asked.length, 2);
  opened.before = () => {
    throw new GantryError('corrupt', 'registry-answer', 'a page "log in" \u{1F600}\r\nx: y');
  };
  pass(2 * minute);
  await registry.getManifest('a/b', 'latest');
  assert.equal(asked.length, 3);
  assert.match(headers['warning'] ?? '', /^299 - "[\x20-\x21\x23-\x7e]*"$/);
});

test('a refusal is an answer: what may no longer be read is not read from here', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, pass } = opened;
  await putImage(upstream, 'a/b');
  await registry.getManifest('a/b', 'latest');
  opened.before = () => {
    throw registryError('UNAUTHORIZED', 'authentication required');
  };
  pass(2 * minute);
  await assert.rejects(registry.getManifest('a/b', 'latest'), fails('registry-denied'));
});

test('an upstream that says nothing about a tag that is here is waited for no longer than patience lasts', async () => {
  await using opened = await openTestMirror({ patience: 30 });
  const { registry, upstream, headers, pass } = opened;
  await putImage(upstream, 'a/b');
  await registry.getManifest('a/b', 'latest');
  let aborted = false;
  opened.upstream.headManifest = (_, __, { signal } = {}) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        aborted = true;
        reject(signal.reason as Error);
      });
    });
  pass(2 * minute);
  await registry.getManifest('a/b', 'latest');
  assert.ok(aborted);
  assert.equal(headers['x-cache'], 'STALE');
  assert.match(headers['warning'] ?? '', /did not answer within 30 ms/);
});

test('fresh asks each time, offline never', async () => {
  await using opened = await openTestMirror({ upstreams: [{ domain: 'docker.io', mode: 'fresh' }] });
  await putImage(opened.upstream, 'a/b');
  for (let n = 0; n < 3; n++) await opened.registry.getManifest('a/b', 'latest');
  assert.equal(opened.asked.length, 3);

  await using offline = await openTestMirror({ upstreams: [{ domain: 'docker.io', mode: 'offline' }] });
  await putImage(offline.upstream, 'a/b');
  await assert.rejects(offline.registry.getManifest('a/b', 'latest'), fails('manifest-unknown'));
  assert.equal(await offline.registry.headBlob('a/b', digestOf(Buffer.from('x'))), undefined);
  assert.deepEqual(offline.asked, []);
});

test('what the upstream does not have is not asked for again at once', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, asked, pass } = opened;
  for (let n = 0; n < 3; n++) {
    await assert.rejects(registry.getManifest('a/b', 'v1'), (error: unknown) =>
      ['name-unknown', 'manifest-unknown'].includes(findError(error)?.code ?? ''),
    );
  }
  assert.equal(await registry.headManifest('a/b', 'v1'), undefined);
  assert.equal(asked.length, 1);
  await putImage(upstream, 'a/b', { tag: 'v1' });
  pass(11_000);
  assert.ok(await registry.headManifest('a/b', 'v1'));
});
