import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryContent } from '#content';
import { findError } from '#errors';
import { openMetadata } from '#metadata';
import { digestOf, encodeManifest, mediaTypes, type Digest } from '#oci';
import { openRepositories } from './index.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** Repositories in memory, and a clock that stands until it is set. */
async function open() {
  const content = createMemoryContent();
  const metadata = await openMetadata({ path: ':memory:' });
  let [now, ids] = [0, 0];
  const registry = openRepositories({ content, metadata, clock: () => now, uniqueId: () => `u${++ids}` });
  return {
    content,
    metadata,
    registry,
    pass: (milliseconds: number) => void (now += milliseconds),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await metadata[Symbol.asyncDispose]();
    },
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

const fails = (code: string) => (error: unknown) => {
  assert.equal(findError(error)?.code, code);
  return true;
};
const bytes = (text: string): Buffer => Buffer.from(text);
async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

/** `content` as a blob to put. */
function blobOf(content: Buffer) {
  return { digest: digestOf(content), size: content.length, open: () => chunks(content.toString()) };
}

function imageOf(...layers: string[]): { bytes: Uint8Array; mediaType: string } {
  const part = (mediaType: string, text: string) => ({
    mediaType,
    digest: digestOf(bytes(text)),
    size: text.length,
  });
  const mediaType = mediaTypes.ociManifest;
  const config = part(mediaTypes.ociConfig, '{}');
  return {
    bytes: encodeManifest({
      kind: 'manifest',
      mediaType,
      config,
      layers: layers.map((layer) => part(mediaTypes.ociLayer, layer)),
    }),
    mediaType,
  };
}

async function push({ registry }: Opened, repository: string, ...layers: string[]): Promise<Digest> {
  for (const layer of ['{}', ...layers]) await registry.putBlob(repository, blobOf(bytes(layer)));
  const image = imageOf(...layers);
  return (await registry.acceptManifest(repository, 'latest', image)).digest;
}

test('an upload grows chunk by chunk and becomes a blob by either algorithm', async () => {
  await using opened = await open();
  const { registry } = opened;
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const digest = digestOf(bytes('abcdef'), algorithm);
    const { id } = await registry.startUpload('a');
    assert.deepEqual(await registry.uploadStatus('a', id), { id, offset: 0 });
    const chunk = { body: chunks('ab', 'c'), offset: 0 };
    assert.deepEqual(await registry.appendUpload('a', id, chunk), { id, offset: 3 });
    await assert.rejects(
      registry.appendUpload('a', id, { body: chunks('x'), offset: 0 }),
      fails('blob-range'),
    );
    await registry.appendUpload('a', id, { body: chunks('d') });
    assert.deepEqual(await registry.uploadStatus('a', id), { id, offset: 4 });
    await registry.finishUpload('a', id, { body: chunks('ef'), offset: 4, digest });
    assert.deepEqual(await registry.headBlob('a', digest), { size: 6 });
    await assert.rejects(registry.uploadStatus('a', id), fails('upload-unknown'));
  }
});

test('an upload that is not what it was said to be is over', async () => {
  await using opened = await open();
  const { registry } = opened;
  const digest = digestOf(bytes('right'));
  const { id } = await registry.startUpload('a');
  await assert.rejects(
    registry.finishUpload('a', id, { body: chunks('wrong'), digest }),
    fails('blob-digest'),
  );
  await assert.rejects(registry.uploadStatus('a', id), fails('upload-unknown'));
  assert.equal(await registry.headBlob('a', digest), undefined);
});

test('an upload is another repository’s to nobody, and a cancelled one is gone', async () => {
  await using opened = await open();
  const { registry } = opened;
  const { id } = await registry.startUpload('a');
  await assert.rejects(registry.appendUpload('b', id, { body: chunks('x') }), fails('upload-unknown'));
  await registry.appendUpload('a', id, { body: chunks('x') });
  await registry.cancelUpload('a', id);
  await assert.rejects(registry.appendUpload('a', id, { body: chunks('x') }), fails('upload-unknown'));
  await assert.rejects(registry.cancelUpload('a', id), fails('upload-unknown'));
});

test('what a broken chunk brought stays, and the next registry over the store goes on from there', async () => {
  await using opened = await open();
  const { registry, content, metadata } = opened;
  const { id } = await registry.startUpload('a');
  async function* breaking(): AsyncIterable<Uint8Array> {
    yield bytes('abc');
    throw new Error('the line broke');
  }
  await assert.rejects(registry.appendUpload('a', id, { body: breaking() }), /the line broke/);
  await registry[Symbol.asyncDispose]();
  await using next = openRepositories({ content, metadata, clock: () => 0, uniqueId: () => 'n' });
  assert.deepEqual(await next.uploadStatus('a', id), { id, offset: 3 });
  await next.finishUpload('a', id, { body: chunks('def'), offset: 3, digest: digestOf(bytes('abcdef')) });
  assert.deepEqual(await next.headBlob('a', digestOf(bytes('abcdef'))), { size: 6 });
});

test('two chunks at once are taken one after the other', async () => {
  await using opened = await open();
  const { registry } = opened;
  const { id } = await registry.startUpload('a');
  const both = ['ab', 'cd'].map((text) => registry.appendUpload('a', id, { body: chunks(text), offset: 0 }));
  const ends = await Promise.allSettled(both);
  assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal((await registry.uploadStatus('a', id)).offset, 2);
});

test('a blob is mounted from anywhere only when some repository has it', async () => {
  await using opened = await open();
  const { registry, content } = opened;
  await registry.putBlob('a', blobOf(bytes('x')));
  assert.equal(await registry.mountFromAnywhere('b', digestOf(bytes('x'))), true);
  assert.deepEqual(await registry.headBlob('b', digestOf(bytes('x'))), { size: 1 });
  await using ingest = await content.ingest(digestOf(bytes('private')));
  await ingest?.write(bytes('private'));
  await ingest?.commit();
  assert.equal(await registry.mountFromAnywhere('b', digestOf(bytes('private'))), false);
  assert.equal(await registry.headBlob('b', digestOf(bytes('private'))), undefined);
});

test('a manifest is put by either algorithm with tags, and not under another digest', async () => {
  await using opened = await open();
  const { registry } = opened;
  await push(opened, 'a', 'layer');
  const image = imageOf('layer');
  const digest = digestOf(image.bytes, 'sha512');
  const accepted = await registry.acceptManifest('a', digest, { ...image, tags: ['1', '2'] });
  assert.deepEqual(accepted, { digest, subject: undefined, warnings: [] });
  assert.equal((await registry.getManifest('a', '2')).digest, digest);
  assert.equal((await registry.getManifest('a', 'latest')).digest, digestOf(image.bytes));
  const wrong = digestOf(bytes('other'));
  await assert.rejects(registry.acceptManifest('a', wrong, image), fails('blob-digest'));
  await assert.rejects(
    registry.acceptManifest('a', digest, { ...image, tags: ['a/b'] }),
    fails('tag-invalid'),
  );
});

test('a manifest of an unknown type is kept as it is, with its subject', async () => {
  await using opened = await open();
  const { registry } = opened;
  const subject = digestOf(bytes('image'));
  const note = bytes(
    JSON.stringify({
      subject: { mediaType: 'a/b', digest: subject, size: 5 },
      artifactType: 'x/note',
      odd: [1],
    }),
  );
  const mediaType = 'application/vnd.example.note+json';
  const accepted = await registry.acceptManifest('a', 'n', { bytes: note, mediaType });
  assert.equal(accepted.subject, subject);
  assert.deepEqual(await registry.getManifest('a', 'n'), { bytes: note, mediaType, digest: digestOf(note) });
  const { items } = await registry.referrers('a', subject, { limit: 10 });
  assert.deepEqual(items, [
    { mediaType, digest: digestOf(note), size: note.length, artifactType: 'x/note', annotations: undefined },
  ]);
  const binary = { bytes: Buffer.from([0, 255]), mediaType };
  assert.equal((await registry.acceptManifest('a', 'b', binary)).subject, undefined);
});

test('what is no manifest of its type is refused', async () => {
  await using opened = await open();
  const { registry } = opened;
  for (const [text, mediaType] of [
    ['{', mediaTypes.ociManifest],
    ['{"schemaVersion":2,"manifests":[]}', mediaTypes.ociManifest],
    ['{"schemaVersion":1}', mediaTypes.dockerSchema1Signed],
    ['{"schemaVersion":2}', undefined],
  ] as const) {
    await assert.rejects(
      registry.acceptManifest('a', 't', { bytes: bytes(text), mediaType }),
      fails('manifest-invalid'),
    );
  }
});

test('an index may list manifests that are elsewhere, and its sender is told', async () => {
  await using opened = await open();
  const { registry } = opened;
  const absent = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes('absent')), size: 5 };
  const index = encodeManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests: [absent] });
  const { warnings } = await registry.acceptManifest('a', 'i', { bytes: index, mediaType: undefined });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, new RegExp(absent.digest));
  assert.equal((await registry.headManifest('a', 'i'))?.mediaType, mediaTypes.ociIndex);
});

test('a search finds what an image says of itself', async () => {
  await using opened = await open();
  const { registry } = opened;
  const key = 'org.opencontainers.image.description';
  const config = bytes(JSON.stringify({ config: { Labels: { [key]: ' Bakes\n bread' } } }));
  await registry.putBlob('team/oven', blobOf(config));
  const image = encodeManifest({
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
    layers: [],
  });
  await registry.acceptManifest('team/oven', 'v1', { bytes: image, mediaType: undefined });
  assert.deepEqual(await registry.searchRepositories('BREAD', { skip: 0, limit: 10 }), {
    total: 1,
    items: [{ name: 'team/oven', description: 'Bakes bread' }],
  });
});

test('removing a tag leaves the manifest, removing a manifest takes its tags, and a blob goes from one repository', async () => {
  await using opened = await open();
  const { registry } = opened;
  const digest = await push(opened, 'a', 'layer');
  await push(opened, 'b', 'layer');
  await registry.putManifest('a', 'v1', imageOf('layer'));
  await registry.deleteTag('a', 'latest');
  assert.deepEqual(await Array.fromAsync(registry.tags('a')), ['v1']);
  assert.ok(await registry.headManifest('a', digest));
  await registry.deleteManifest('a', digest);
  assert.deepEqual(await Array.fromAsync(registry.tags('a')), []);
  assert.ok(await registry.headManifest('b', digest));
  await registry.deleteBlob('a', digestOf(bytes('layer')));
  assert.equal(await registry.headBlob('a', digestOf(bytes('layer'))), undefined);
  assert.ok(await registry.headBlob('b', digestOf(bytes('layer'))));
  await assert.rejects(registry.deleteTag('a', 'latest'), fails('manifest-unknown'));
  await assert.rejects(registry.deleteManifest('a', digest), fails('manifest-unknown'));
  await assert.rejects(registry.deleteBlob('a', digestOf(bytes('layer'))), fails('blob-unknown'));
  await assert.rejects(registry.deleteTag('never', 'latest'), fails('name-unknown'));
});

test('pages end where they are told and say whether there is more', async () => {
  await using opened = await open();
  const { registry } = opened;
  await push(opened, 'a', 'layer');
  for (const tag of ['1', '2', 'Z']) await registry.putManifest('a', tag, imageOf('layer'));
  assert.deepEqual(await registry.tagsPage('a', { limit: 2 }), { items: ['1', '2'], more: true });
  assert.deepEqual(await registry.tagsPage('a', { limit: 2, after: '2' }), {
    items: ['Z', 'latest'],
    more: false,
  });
  assert.deepEqual(await registry.tagsPage('a', { limit: 2, after: '10' }), {
    items: ['2', 'Z'],
    more: true,
  });
  assert.deepEqual(await registry.tagsPage('a', { limit: 0 }), { items: [], more: false });
  assert.deepEqual(await registry.repositories({ limit: 5 }), { items: ['a'], more: false });
});

test('a collection takes blobs that no manifest came for, after a day, and nothing else', async () => {
  await using opened = await open();
  const { registry, content, pass } = opened;
  const digest = await push(opened, 'a', 'layer');
  await registry.putBlob('a', blobOf(bytes('forgotten')));
  pass(day - 1);
  assert.deepEqual((await registry.collect()).links, []);
  pass(1);
  const found = await registry.collect({ dryRun: true });
  assert.ok(await registry.headManifest('a', digest));
  assert.deepEqual(found.digests, [digestOf(bytes('forgotten'))]);
  assert.equal(found.bytes, 'forgotten'.length);
  assert.deepEqual(await registry.collect(), found);
  assert.equal(await content.stat(digestOf(bytes('forgotten'))), undefined);
  assert.deepEqual((await registry.collect()).digests, []);
  for (const kept of [digest, digestOf(bytes('layer')), digestOf(bytes('{}'))]) {
    assert.ok(await content.stat(kept), kept);
  }
});

test('who was told that a blob is here has the time to push its manifest', async () => {
  await using opened = await open();
  const { registry, pass } = opened;
  for (const layer of ['{}', 'layer']) await registry.putBlob('a', blobOf(bytes(layer)));
  pass(day - 1);
  for (const layer of ['{}', 'layer']) assert.ok(await registry.headBlob('a', digestOf(bytes(layer))));
  pass(hour);
  assert.deepEqual((await registry.collect()).links, []);
  await registry.putManifest('a', 'v1', imageOf('layer'));
});

test('a removed image goes a day later, but for what others need', async () => {
  await using opened = await open();
  const { registry, content, pass, metadata } = opened;
  const digest = await push(opened, 'a', 'base', 'own');
  await push(opened, 'b', 'base');
  await metadata.createLease('l', 10 * day);
  await metadata.hold('l', [digest]);
  await registry.deleteManifest('a', digest);
  pass(day - 1);
  assert.deepEqual((await registry.collect()).digests, []);
  pass(1);
  assert.deepEqual((await registry.collect()).digests, [digestOf(bytes('own'))]);
  assert.ok(await content.stat(digestOf(bytes('base'))));
  assert.deepEqual((await registry.repositories({ limit: 5 })).items, ['b']);
  await metadata.releaseLease('l');
  pass(day);
  assert.deepEqual((await registry.collect()).digests, [digest]);
});

test('an upload keeps the blob that it becomes, and is given up after a week', async () => {
  await using opened = await open();
  const { registry, content, metadata, pass } = opened;
  const { id } = await registry.startUpload('a');
  await registry.appendUpload('a', id, { body: chunks('x') });
  const digest = digestOf(bytes('x'));
  // As a process leaves it that is killed between making the blob and linking it.
  await metadata.repositories.uploads.start({ id: 'killed', repository: 'a', started: 0, digest });
  await using ingest = await content.ingest(digest);
  await ingest?.write(bytes('x'));
  await ingest?.commit();
  pass(7 * day);
  assert.deepEqual((await registry.collect()).digests, []);
  await registry[Symbol.asyncDispose]();
  pass(1);
  const { uploads, digests } = await registry.collect();
  assert.deepEqual([...uploads].sort(), ['killed', id]);
  assert.deepEqual(digests, [digest]);
  await assert.rejects(registry.uploadStatus('a', id), fails('upload-unknown'));
});
