import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Descriptor,
  type Digest,
  digestOf,
  encodeManifest,
  mediaTypes,
  parseReference,
  type Platform,
} from '#oci';
import { composeImage } from '../../test/support/compose-image.ts';
import { randomImage } from '../../test/support/random-image.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import {
  imageHistory,
  inspectImage,
  listImages,
  pruneImages,
  pullImage,
  pushImage,
  type PushEvent,
  removeImage,
  resolveImage,
  tagImage,
} from './index.ts';

const host = 'r.example';
const other = 'other.example';
const name = `${host}/m:1`;
const amd64: Platform = { os: 'linux', architecture: 'amd64' };
const arm64: Platform = { os: 'linux', architecture: 'arm64' };
const s390x: Platform = { os: 'linux', architecture: 's390x' };
const images = [arm64, amd64, s390x].map((platform, seed) => randomImage({ seed, platform }));
const [arm, amd, z] = images as [(typeof images)[0], (typeof images)[0], (typeof images)[0]];
const attestation = composeImage(
  [{ tar: Buffer.from('{}'), blob: Buffer.from('{}'), mediaType: 'application/vnd.in-toto+json' }],
  {
    config: { os: 'unknown', architecture: 'unknown' },
  },
);
const marked: Descriptor = {
  ...attestation.descriptors.manifest,
  platform: { os: 'unknown', architecture: 'unknown' },
  annotations: {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': amd.descriptors.manifest.digest,
  },
};
const bytes = encodeManifest({
  kind: 'index',
  mediaType: mediaTypes.ociIndex,
  manifests: [...images.map(({ descriptors }) => descriptors.manifest), marked],
});
const index = digestOf(bytes);

/** An engine that has pulled of the index what `platforms` say. */
async function pulled(platforms?: readonly Platform[] | 'all'): Promise<TestEngine> {
  const made = await openTestEngine();
  const registry = made.registry(host);
  for (const image of [...images, attestation]) {
    await store(registry, 'm', image.descriptors.manifest.digest, image);
  }
  await registry.putManifest('m', '1', { bytes, mediaType: mediaTypes.ociIndex });
  await pullImage(made.engine, parseReference(name), platforms === undefined ? {} : { platforms });
  return made;
}

async function ids({ engine }: TestEngine): Promise<string[]> {
  return (await engine.metadata.images()).map(({ id }) => id).sort();
}

async function kept({ engine }: TestEngine): Promise<Set<Digest>> {
  return new Set((await Array.fromAsync(engine.content.list())).map(({ digest }) => digest));
}

test('of an index come the images for the platforms that are asked for, under one name', async () => {
  await using made = await pulled([arm64, amd64]);
  assert.deepEqual(await ids(made), [amd.imageId, arm.imageId].sort());
  assert.equal((await made.engine.metadata.name(name))?.target, index);
  const listed = await listImages(made.engine);
  assert.deepEqual(
    listed.map(({ record, tags }) => [record.id, tags]),
    [[amd.imageId, [name]]],
    'the name points to the image for this machine, and the other is no image without a name',
  );
  assert.equal((await listImages(made.engine, { all: true })).length, 2);
  assert.deepEqual((await pruneImages(made.engine)).removals, []);
});

test('all of an index comes, with what is no image', async () => {
  await using made = await pulled('all');
  assert.deepEqual(await ids(made), images.map(({ imageId }) => imageId).sort());
  const here = await kept(made);
  const { manifest, config, layers } = attestation.descriptors;
  for (const { digest } of [manifest, config, ...layers]) assert.ok(here.has(digest));
  await removeImage(made.engine, name);
  assert.deepEqual(await kept(made), new Set(), 'and all of it goes with the name');
});

test('a pull that brings another platform along says that something is new', async () => {
  await using made = await pulled();
  const again = await pullImage(made.engine, parseReference(name), { platforms: [amd64, arm64] });
  assert.equal(again.changed, true);
  const third = await pullImage(made.engine, parseReference(name), { platforms: [amd64, arm64] });
  assert.equal(third.changed, false);
});

test("a platform that the index does not have fails the pull in docker's words", async () => {
  await using made = await pulled();
  const platforms = [amd64, { os: 'linux', architecture: 'riscv64' }];
  await assert.rejects(pullImage(made.engine, parseReference(name), { platforms }), {
    code: 'platform-unknown',
    message: 'no matching manifest for linux/riscv64 in the manifest list entries',
  });
});

test('a platform chooses among the images that a name stands for', async () => {
  await using made = await pulled([arm64, amd64]);
  const { engine } = made;
  assert.equal((await inspectImage(engine, name)).record.id, amd.imageId);
  assert.equal((await inspectImage(engine, name, { platform: arm64 })).record.id, arm.imageId);
  const [top] = await imageHistory(engine, name, { platform: arm64 });
  assert.equal(top?.id, arm.imageId);
  await assert.rejects(inspectImage(engine, name, { platform: s390x }), {
    code: 'image-platform',
    message: `image with reference ${name} was found but does not provide the specified platform (linux/s390x)`,
  });
});

test('the digest of each manifest, and of the index, is a name for an image', async () => {
  await using made = await pulled([arm64, amd64]);
  const { digest } = arm.descriptors.manifest;
  for (const text of [digest, `${host}/m@${digest}`, `${host}/m:1@${digest}`]) {
    assert.equal((await resolveImage(made.engine, text)).image.id, arm.imageId, text);
  }
  for (const text of [index, `${host}/m@${index}`]) {
    assert.equal((await resolveImage(made.engine, text)).image.id, amd.imageId, text);
  }
  await assert.rejects(resolveImage(made.engine, `${host}/n@${digest}`), { code: 'image-not-found' });
  await assert.rejects(resolveImage(made.engine, z.descriptors.manifest.digest), { code: 'image-not-found' });
  await tagImage(made.engine, digest, parseReference('one:1'));
  assert.equal((await made.engine.metadata.name('docker.io/library/one:1'))?.target, digest);
});

async function push(
  { engine }: TestEngine,
  to: string,
  options: Parameters<typeof pushImage>[2] = {},
): Promise<PushEvent | undefined> {
  const events: PushEvent[] = [];
  await pushImage(engine, parseReference(to), { ...options, report: (event) => events.push(event) });
  return events.find(({ type }) => type === 'pushed');
}

test('an index of which all is here is pushed whole, byte for byte', async () => {
  await using made = await pulled('all');
  await tagImage(made.engine, name, parseReference(`${other}/n:1`));
  const done = await push(made, `${other}/n:1`);
  assert.equal(done?.type === 'pushed' && done.digest, index);
  await using second = await openTestEngine();
  const engine = {
    ...second.engine,
    registries: { ...second.engine.registries, open: (domain: string) => made.registry(domain) },
  };
  await pullImage(engine, parseReference(`${other}/n:1`), { platforms: 'all' });
  assert.deepEqual(await ids(second), await ids(made));
  assert.deepEqual(await kept(second), await kept(made));
});

test('with a platform its manifest alone is pushed, and the name keeps its index', async () => {
  await using made = await pulled([arm64, amd64]);
  await tagImage(made.engine, name, parseReference(`${other}/n:1`));
  const done = await push(made, `${other}/n:1`, { platform: arm64 });
  assert.equal(done?.type === 'pushed' && done.digest, arm.descriptors.manifest.digest);
  const { image, target } = (await made.engine.metadata.name(`${other}/n:1`)) ?? {};
  assert.deepEqual([image, target], [amd.imageId, index]);
});

test('with its name go all images that came with it, but for those that have another', async () => {
  await using made = await pulled([arm64, amd64, s390x]);
  await tagImage(made.engine, arm.descriptors.manifest.digest, parseReference('mine:1'));
  await tagImage(made.engine, name, parseReference('copy:1'));
  assert.deepEqual(await removeImage(made.engine, 'copy:1'), [{ untagged: 'copy:1' }]);
  const removals = await removeImage(made.engine, name);
  assert.deepEqual(
    removals
      .flatMap((removal) => ('deleted' in removal ? [removal.deleted] : []))
      .filter((id) => id === amd.imageId || id === z.imageId),
    [amd.imageId, z.imageId],
  );
  assert.deepEqual(await ids(made), [arm.imageId]);
  assert.equal((await inspectImage(made.engine, 'mine:1')).record.id, arm.imageId);
});

test('one platform is removed, and the name points to another', async () => {
  await using made = await pulled([arm64, amd64]);
  await removeImage(made.engine, name, { platform: amd64 });
  assert.deepEqual(await ids(made), [arm.imageId]);
  assert.equal((await inspectImage(made.engine, name)).record.id, arm.imageId);
  await removeImage(made.engine, `${host}/m@${arm.descriptors.manifest.digest}`);
  assert.deepEqual(await ids(made), []);
  assert.deepEqual(await made.engine.metadata.names(), []);
});

test('the digest of an index removes all of it', async () => {
  await using made = await pulled([arm64, amd64]);
  await removeImage(made.engine, index);
  assert.deepEqual(await ids(made), []);
  assert.deepEqual(await kept(made), new Set());
});
