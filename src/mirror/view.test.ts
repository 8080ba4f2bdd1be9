import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import { digestOf } from '#oci';
import type { ServedRegistry } from '#registry';
import { registrySuite } from '../registry/registry.suite.ts';
import { bytesOf, openTestMirror, putImage } from '../../test/support/test-mirror.ts';

const fails =
  (...codes: string[]) =>
  (error: unknown): boolean =>
    codes.includes(findError(error)?.code ?? '');

registrySuite('a mirror with hosted repositories', async () => {
  const opened = await openTestMirror({ bare: undefined });
  return { registry: opened.registry, close: async () => opened[Symbol.asyncDispose]() };
});

test('a hosted repository hides the mirrored one of its name from bare paths only', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, local, mirror } = opened;
  const hosted = await putImage(local, 'team/app', { seed: 1 });
  const mirrored = await putImage(upstream, 'team/app', { seed: 2 });
  await putImage(upstream, 'team/app', { seed: 3, tag: 'v3' });
  const digestBy = async (view: ServedRegistry, repository: string): Promise<string> =>
    (await view.getManifest(repository, 'latest')).digest;
  assert.equal(await digestBy(registry, 'team/app'), hosted.descriptors.manifest.digest);
  await assert.rejects(registry.getManifest('team/app', 'v3'), fails('manifest-unknown'));
  const other = mirrored.descriptors.manifest.digest;
  assert.equal(await digestBy(registry, 'docker.io/team/app'), other);
  assert.equal(await digestBy(mirror.at({ namespace: 'docker.io' }), 'team/app'), other);
});

test('what is in no table is not there, and what the lists leave out is refused', async () => {
  await using opened = await openTestMirror({ upstreams: [{ domain: 'docker.io', deny: ['evil/**'] }] });
  const { registry, upstream, mirror, asked } = opened;
  await putImage(upstream, 'evil/app');
  const elsewhere = mirror.at({ namespace: 'quay.io' });
  await assert.rejects(elsewhere.getManifest('a/b', 'latest'), fails('name-unknown'));
  await assert.rejects(elsewhere.headBlob('a/b', digestOf(Buffer.from('x'))), fails('name-unknown'));
  await assert.rejects(registry.getManifest('docker.io/evil/app', 'latest'), fails('registry-denied'));
  await assert.rejects(registry.getManifest('evil/app', 'latest'), fails('name-unknown'));
  assert.deepEqual(asked, []);
});

test('mirrored repositories are read and not written to', async () => {
  await using opened = await openTestMirror();
  const { registry, mirror, upstream } = opened;
  const { manifest, descriptors } = await putImage(upstream, 'a/b');
  const { mediaType } = descriptors.manifest;
  const writes: readonly ((view: ServedRegistry, name: string) => Promise<unknown>)[] = [
    (view, name) => view.putManifest(name, 'v1', { bytes: manifest, mediaType }),
    (view, name) => view.acceptManifest(name, 'v1', { bytes: manifest, mediaType }),
    (view, name) => view.startUpload(name),
    (view, name) => view.mountFromAnywhere(name, descriptors.config.digest),
    (view, name) => view.mountBlob(name, descriptors.config.digest, 'x/y'),
  ];
  for (const write of writes) {
    await assert.rejects(write(registry, 'docker.io/a/b'), fails('registry-denied'));
    await assert.rejects(write(mirror.at({ namespace: 'docker.io' }), 'a/b'), fails('registry-denied'));
    await assert.rejects(write(mirror.at({ namespace: 'quay.io' }), 'a/b'), fails('name-unknown'));
  }
  const { id } = await registry.startUpload('hosted/a');
  assert.deepEqual(await registry.uploadStatus('hosted/a', id), { id, offset: 0 });
  await assert.rejects(registry.uploadStatus('docker.io/hosted/a', id), fails('registry-denied'));
  await registry.cancelUpload('hosted/a', id);
});

test('a mirrored blob is mounted into a hosted repository without being sent', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream } = opened;
  const { descriptors, layers } = await putImage(upstream, 'a/b');
  const [layer] = descriptors.layers;
  await bytesOf((await registry.getBlob('docker.io/a/b', layer!.digest)).body);
  assert.equal(await registry.mountBlob('hosted/a', layer!.digest, 'docker.io/a/b'), true);
  const { body } = await registry.getBlob('hosted/a', layer!.digest);
  assert.ok(Buffer.from(layers[0]!).equals(await bytesOf(body)));
});

test('pushing to a bare name asks no upstream, and what it was told is here it need not send', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, local, asked } = opened;
  const image = await putImage(upstream, 'team/app', { layers: 3 });
  const { config, layers, manifest } = image.descriptors;
  const { mediaType } = manifest;
  await registry.getManifest('team/app', 'latest');
  await bytesOf((await registry.getBlob('team/app', layers[0]!.digest)).body);
  asked.length = 0;
  const parts = [
    [config, image.config] as const,
    ...layers.map((layer, n) => [layer, image.layers[n]!] as const),
  ];
  const sent = [];
  for (const [{ digest, size }, bytes] of parts) {
    if ((await registry.headBlob('team/app', digest)) === undefined) sent.push({ digest, size, bytes });
  }
  assert.equal(sent.length, 3);
  for (const { digest, size, bytes } of sent) {
    async function* open(): AsyncIterable<Uint8Array> {
      yield bytes;
    }
    await registry.putBlob('team/app', { digest, size, open });
  }
  await registry.putManifest('team/app', 'mine', { bytes: image.manifest, mediaType });
  assert.deepEqual(asked, []);
  assert.ok(await local.headBlob('team/app', layers[0]!.digest));
  assert.equal((await registry.getManifest('team/app', 'mine')).digest, manifest.digest);
});

test('what is removed from a mirrored repository comes again when it is asked for', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, asked } = opened;
  const { descriptors } = await putImage(upstream, 'a/b');
  const { digest } = descriptors.manifest;
  await registry.getManifest('docker.io/a/b', 'latest');
  await registry.deleteManifest('docker.io/a/b', digest);
  assert.equal(await opened.local.headManifest('docker.io/a/b', digest), undefined);
  asked.length = 0;
  assert.equal((await registry.getManifest('docker.io/a/b', 'latest')).digest, digest);
  assert.deepEqual(asked, ['getManifest a/b latest']);
});

test('the tags are those of the upstream, page by page, and those that are here when it is down', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream, asked, pass } = opened;
  for (const tag of ['v10', 'v2', 'Latest', 'latest']) await putImage(upstream, 'a/b', { tag });
  const page = async (after?: string) => registry.tagsPage('docker.io/a/b', { after, limit: 2 });
  assert.deepEqual(await page(), { items: ['Latest', 'latest'], more: true });
  assert.deepEqual(await page('latest'), { items: ['v10', 'v2'], more: false });
  assert.deepEqual(await page('v1'), { items: ['v10', 'v2'], more: false });
  assert.deepEqual(await Array.fromAsync(registry.tags('docker.io/a/b')), ['Latest', 'latest', 'v10', 'v2']);
  assert.equal(asked.length, 1);
  await assert.rejects(registry.tagsPage('docker.io/no/such', { limit: 2 }), fails('name-unknown'));
  opened.before = () => {
    throw new Error('down');
  };
  pass(120_000);
  assert.deepEqual((await page()).items, ['Latest', 'latest']);

  await using offline = await openTestMirror({ upstreams: [{ domain: 'docker.io', mode: 'offline' }] });
  await putImage(offline.local, 'docker.io/a/b', { tag: 'v1' });
  assert.deepEqual(await Array.fromAsync(offline.registry.tags('docker.io/a/b')), ['v1']);
});

test('referrers are the upstream’s where it lists them, else those that were mirrored', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream } = opened;
  const { descriptors } = await putImage(upstream, 'a/b');
  const subject = descriptors.manifest;
  const signature = Buffer.from(
    JSON.stringify({
      ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
      ...{ artifactType: 'application/vnd.example.signature', subject, layers: [] },
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: descriptors.config.digest, size: 2 },
    }),
  );
  await upstream.putManifest('a/b', 'signature', { bytes: signature, mediaType: subject.mediaType });
  const page = { limit: 10 };
  assert.deepEqual((await registry.referrers('docker.io/a/b', subject.digest, page)).items, []);
  await registry.getManifest('docker.io/a/b', 'signature');
  const [found] = (await registry.referrers('docker.io/a/b', subject.digest, page)).items;
  assert.equal(found?.digest, digestOf(signature));
  assert.equal(found.artifactType, 'application/vnd.example.signature');

  await using listing = await openTestMirror({
    connect: () => ({
      ...upstream,
      referrers: async (_, of) => ({ items: [], more: of === subject.digest }),
    }),
  });
  assert.equal((await listing.registry.referrers('docker.io/a/b', subject.digest, page)).more, true);
});

test('the catalog and the search show mirrored repositories by the names that lead to them', async () => {
  await using opened = await openTestMirror();
  const { registry, upstream } = opened;
  await putImage(upstream, 'library/busybox');
  await putImage(opened.local, 'team/app');
  await registry.getManifest('busybox', 'latest');
  const { items } = await registry.repositories({ limit: 10 });
  assert.deepEqual(items, ['docker.io/library/busybox', 'team/app']);
  const found = await registry.searchRepositories('busy', { skip: 0, limit: 10 });
  assert.deepEqual(
    found.items.map(({ name }) => name),
    ['docker.io/library/busybox'],
  );
});
