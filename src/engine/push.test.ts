import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { digestOf, encodeManifest, mediaTypes, parseManifest, parseReference } from '#oci';
import type { Registry } from '#registry';
import { composeImage, tarOf } from '../../test/support/compose-image.ts';
import { dockerArchive, load, plainImage } from '../../test/support/image-archives.ts';
import { randomImage } from '../../test/support/random-image.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import {
  inspectImage,
  pullImage,
  pushAllTags,
  pushImage,
  removeImage,
  tagImage,
  type PushEvent,
} from './index.ts';

const from = 'from.example';
const to = 'to.example';

async function push(made: TestEngine, name: string): Promise<PushEvent[]> {
  const events: PushEvent[] = [];
  await pushImage(made.engine, parseReference(name), { report: (event) => events.push(event) });
  return events;
}

function ends(events: readonly PushEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'layer' && ['pushed', 'exists', 'mounted'].includes(event.state) ? [event.state] : [],
  );
}

function pushed(events: readonly PushEvent[]): (PushEvent & { type: 'pushed' }) | undefined {
  return events.find((event) => event.type === 'pushed');
}

async function pulled(made: TestEngine, tag: string, image = randomImage()): Promise<void> {
  await store(made.registry(from), 'b', tag, image);
  await pullImage(made.engine, parseReference(`${from}/b:${tag}`));
}

test('a pulled image arrives elsewhere with the same digest, the top layer told of first', async () => {
  await using made = await openTestEngine();
  const image = randomImage({ layers: 3 });
  const { digest } = image.descriptors.manifest;
  await pulled(made, '1', image);
  await tagImage(made.engine, `${from}/b:1`, parseReference(`${to}/c:2`));
  const events = await push(made, `${to}/c:2`);
  assert.deepEqual(events[0], { type: 'pushing', repository: parseReference(`${to}/c:2`) });
  const prepared = events.flatMap((e) => (e.type === 'layer' && e.state === 'preparing' ? [e.diffId] : []));
  assert.deepEqual(prepared, image.diffIds.toReversed());
  assert.deepEqual(ends(events), ['pushed', 'pushed', 'pushed']);
  assert.deepEqual(events.at(-1), { type: 'pushed', tag: '2', digest, size: image.manifest.length });
  const arrived = await made.registry(to).getManifest('c', '2');
  assert.deepEqual(Buffer.from(arrived.bytes), Buffer.from(image.manifest));
  assert.deepEqual((await inspectImage(made.engine, `${to}/c:2`)).digests, [
    `${from}/b@${digest}`,
    `${to}/c@${digest}`,
  ]);
  const event = made.engine.events.recent().at(-1);
  assert.deepEqual([event?.action, event?.id, event?.attributes['name']], ['push', `${to}/c:2`, `${to}/c`]);
});

test('a second push finds all there; another repository of the registry mounts', async () => {
  await using made = await openTestEngine();
  await pulled(made, '1');
  await tagImage(made.engine, `${from}/b:1`, parseReference(`${to}/c:1`));
  await push(made, `${to}/c:1`);
  assert.deepEqual(ends(await push(made, `${to}/c:1`)), ['exists', 'exists']);
  await tagImage(made.engine, `${from}/b:1`, parseReference(`${to}/d:1`));
  const events = await push(made, `${to}/d:1`);
  assert.deepEqual(ends(events), ['mounted', 'mounted']);
  assert.ok(
    events.every((event) => event.type !== 'layer' || event.state !== 'mounted' || event.from === 'c'),
  );
});

test('of an index of which not all is here goes the manifest that is, and the caller is told', async () => {
  await using made = await openTestEngine();
  const image = randomImage();
  const { manifest } = image.descriptors;
  const other = randomImage({ seed: 2, platform: { os: 'linux', architecture: 'arm64' } });
  await store(made.registry(from), 'b', 'x', image);
  await store(made.registry(from), 'b', 'y', other);
  const bytes = encodeManifest({
    kind: 'index',
    mediaType: mediaTypes.ociIndex,
    manifests: [manifest, other.descriptors.manifest],
  });
  await made.registry(from).putManifest('b', '1', { bytes, mediaType: mediaTypes.ociIndex });
  await pullImage(made.engine, parseReference(`${from}/b:1`));
  await tagImage(made.engine, `${from}/b:1`, parseReference(`${to}/c:1`));
  const events = await push(made, `${to}/c:1`);
  assert.equal(pushed(events)?.digest, manifest.digest);
  const told = events.find((event) => event.type === 'narrowed');
  assert.deepEqual([told?.index.digest, told?.manifest.digest], [digestOf(bytes), manifest.digest]);
  const name = await made.engine.metadata.name(`${to}/c:1`);
  assert.equal(name?.target, digestOf(bytes), 'the name still stands for the index');
});

test('layers of a loaded archive are compressed once, and pull back as the same image', async () => {
  await using made = await openTestEngine();
  await load(made, dockerArchive(plainImage, [`${to}/c:1`, `${to}/d:1`]));
  const first = pushed(await push(made, `${to}/c:1`));
  assert.notEqual(first?.digest, plainImage.descriptors.manifest.digest);
  const blobs = (await Array.fromAsync(made.engine.content.list())).length;
  assert.equal(pushed(await push(made, `${to}/c:1`))?.digest, first?.digest);
  assert.equal(pushed(await push(made, `${to}/d:1`))?.digest, first?.digest);
  assert.equal(
    (await Array.fromAsync(made.engine.content.list())).length,
    blobs,
    'nothing is compressed again',
  );
  const { bytes } = await made.registry(to).getManifest('c', '1');
  const manifest = parseManifest(bytes);
  assert.ok(manifest.kind === 'manifest');
  assert.equal(manifest.config.digest, plainImage.imageId);
  for (const [n, { digest, mediaType }] of manifest.layers.entries()) {
    assert.equal(mediaType, mediaTypes.ociLayerGzip);
    const { body } = await made.registry(to).getBlob('c', digest);
    assert.deepEqual(
      gunzipSync(Buffer.concat(await Array.fromAsync(body))),
      Buffer.from(plainImage.tars[n]!),
    );
  }
  for (const name of ['c', 'd']) await removeImage(made.engine, `${to}/${name}:1`);
  assert.deepEqual(await Array.fromAsync(made.engine.content.list()), []);
  await pullImage(made.engine, parseReference(`${to}/c:1`));
  assert.equal((await inspectImage(made.engine, `${to}/c:1`)).record.id, plainImage.imageId);
});

test('plain layers that came from a registry go as they came', async () => {
  await using made = await openTestEngine();
  await pulled(made, '1', plainImage);
  await tagImage(made.engine, `${from}/b:1`, parseReference(`${to}/c:1`));
  assert.equal(pushed(await push(made, `${to}/c:1`))?.digest, plainImage.descriptors.manifest.digest);
});

test('an image without layers and one with a layer twice go as any other', async () => {
  await using made = await openTestEngine();
  const layer = { tar: tarOf({ a: '1' }) };
  for (const [tag, image] of Object.entries({
    none: composeImage([]),
    twice: composeImage([layer, layer]),
  })) {
    await pulled(made, tag, image);
    await tagImage(made.engine, `${from}/b:${tag}`, parseReference(`${to}/c:${tag}`));
    assert.equal(pushed(await push(made, `${to}/c:${tag}`))?.digest, image.descriptors.manifest.digest);
  }
});

test('all tags of a repository go', async () => {
  await using made = await openTestEngine();
  await pulled(made, '1');
  for (const tag of ['x', 'y']) await tagImage(made.engine, `${from}/b:1`, parseReference(`${to}/c:${tag}`));
  const tags: string[] = [];
  await pushAllTags(made.engine, parseReference(`${to}/c`), {
    report: (event) => {
      if (event.type === 'pushed') tags.push(event.tag);
    },
  });
  assert.deepEqual(tags, ['x', 'y']);
});

test("what cannot be pushed is told in docker's words", async () => {
  await using made = await openTestEngine();
  await pulled(made, '1');
  const { digest } = randomImage().descriptors.manifest;
  for (const [name, code, message] of [
    [`${to}/none:1`, 'image-unnamed', `An image does not exist locally with the tag: ${to}/none`],
    [`${from}/b:2`, 'tag-unknown', `tag does not exist: ${from}/b:2`],
    [`${from}/b@${digest}`, 'reference-digest', 'cannot push a digest reference'],
  ] as const) {
    await assert.rejects(push(made, name), { code, message });
  }
  await assert.rejects(pushAllTags(made.engine, parseReference('none')), {
    code: 'image-unnamed',
    message: 'An image does not exist locally with the tag: none',
  });
  await assert.rejects(
    pushImage(made.engine, parseReference(`${from}/b:1`), {
      platform: { os: 'linux', architecture: 'arm64' },
    }),
    {
      code: 'image-platform',
      message: `image with reference ${from}/b:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)`,
    },
  );
});

test('a layer that fails ends the others, and the manifest is not sent', async () => {
  await using made = await openTestEngine();
  const image = randomImage({ layers: 4 });
  await pulled(made, '1', image);
  await tagImage(made.engine, `${from}/b:1`, parseReference(`${to}/c:1`));
  const registry: Registry = {
    ...made.registry(to),
    putBlob: async (repository, blob, options) => {
      if (blob.digest === image.descriptors.layers[2]?.digest) throw new Error('broken');
      await made.registry(to).putBlob(repository, blob, options);
    },
  };
  const engine = { ...made.engine, registries: { ...made.engine.registries, open: () => registry } };
  await assert.rejects(pushImage(engine, parseReference(`${to}/c:1`)), { message: 'broken' });
  await assert.rejects(made.registry(to).getManifest('c', '1'));
});
