import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestHex, parseReference } from '#oci';
import { readTar, utf8Name } from '#tar';
import { composeImage, streamOf, tarOf } from '../../test/support/compose-image.ts';
import { randomImage, type RandomImage } from '../../test/support/random-image.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import {
  inspectImage,
  listImages,
  loadImages,
  pullImage,
  removeImage,
  saveImages,
  tagImage,
} from './index.ts';

async function save(made: TestEngine, names: readonly string[]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(await saveImages(made.engine, names)));
}

async function files(archive: Buffer): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const { entry, body } of readTar(streamOf(archive))) {
    found.set(utf8Name(entry.name), Buffer.concat(await Array.fromAsync(body)));
    assert.deepEqual([entry.uid, entry.gid, entry.uname, entry.mtime.seconds], [0, 0, '', 0]);
  }
  return found;
}

async function pulled(made: TestEngine, tags: Readonly<Record<string, RandomImage>>): Promise<void> {
  for (const [tag, image] of Object.entries(tags)) {
    await store(made.registry('docker.io'), 'library/b', tag, image);
    await pullImage(made.engine, parseReference(`b:${tag}`));
  }
}

test('an archive is an OCI layout and a Docker archive, with the blobs as they are', async () => {
  await using made = await openTestEngine();
  const image = randomImage();
  await pulled(made, { '1': image });
  await tagImage(made.engine, 'b:1', parseReference('r.example/c:2'));
  const found = await files(await save(made, ['b:1', 'r.example/c:2']));
  const { manifest, config, layers } = image.descriptors;
  const blobs = [manifest, config, ...layers].map(({ digest }) => `blobs/sha256/${digestHex(digest)}`);
  assert.deepEqual(
    [...found.keys()],
    [
      'blobs/',
      'blobs/sha256/',
      ...blobs.toSorted(),
      'index.json',
      'manifest.json',
      'oci-layout',
      'repositories',
    ],
  );
  assert.deepEqual(found.get(blobs[0]!), Buffer.from(image.manifest));
  assert.deepEqual(JSON.parse(String(found.get('manifest.json'))), [
    { Config: blobs[1], RepoTags: ['b:1', 'r.example/c:2'], Layers: blobs.slice(2) },
  ]);
  const top = digestHex(image.diffIds[1]!);
  assert.deepEqual(JSON.parse(String(found.get('repositories'))), {
    b: { '1': top },
    'r.example/c': { '2': top },
  });
  assert.deepEqual(JSON.parse(String(found.get('oci-layout'))), { imageLayoutVersion: '1.0.0' });
  const index = JSON.parse(String(found.get('index.json'))) as {
    manifests: { digest: string; annotations: unknown }[];
  };
  assert.deepEqual(
    index.manifests.map(({ digest, annotations }) => [digest, annotations]),
    [
      [
        manifest.digest,
        { 'io.containerd.image.name': 'docker.io/library/b:1', 'org.opencontainers.image.ref.name': '1' },
      ],
      [
        manifest.digest,
        { 'io.containerd.image.name': 'r.example/c:2', 'org.opencontainers.image.ref.name': '2' },
      ],
    ],
  );
});

test('a repository stands for all its tags; an id and a digest for none', async () => {
  await using made = await openTestEngine();
  const [one, two] = [randomImage({ seed: 1 }), randomImage({ seed: 2 })];
  await pulled(made, { '1': one, '2': two });
  const tagsOf = async (name: string) => {
    const list = JSON.parse(String((await files(await save(made, [name]))).get('manifest.json'))) as {
      RepoTags: unknown;
    }[];
    return list.map(({ RepoTags }) => RepoTags);
  };
  assert.deepEqual(await tagsOf('b'), [['b:1'], ['b:2']]);
  assert.deepEqual(await tagsOf('b:2'), [['b:2']]);
  assert.deepEqual(await tagsOf(one.imageId), [null]);
  assert.deepEqual(await tagsOf(digestHex(one.imageId).slice(0, 12)), [null]);
  assert.deepEqual(await tagsOf(`b@${one.descriptors.manifest.digest}`), [null]);
  await removeImage(made.engine, 'b:1');
  await pullImage(made.engine, parseReference(`b@${one.descriptors.manifest.digest}`));
  assert.deepEqual(await tagsOf('b'), [['b:2'], null]);
});

test('names of one image are put together, and each once', async () => {
  await using made = await openTestEngine();
  await pulled(made, { '1': randomImage() });
  const archive = await files(await save(made, ['b', 'b:1', randomImage().imageId]));
  const list = JSON.parse(String(archive.get('manifest.json'))) as { RepoTags: unknown }[];
  assert.deepEqual(
    list.map(({ RepoTags }) => RepoTags),
    [['b:1']],
  );
});

test('an image without a tag has no entry in repositories', async () => {
  await using made = await openTestEngine();
  await pulled(made, { '1': randomImage() });
  assert.ok(!(await files(await save(made, [randomImage().imageId]))).has('repositories'));
});

test('what is not there is told before the first byte, with the name as it was typed', async () => {
  await using made = await openTestEngine();
  await pulled(made, { '1': randomImage() });
  await assert.rejects(saveImages(made.engine, ['b:1', 'nope']), {
    code: 'image-not-found',
    message: 'No such image: nope',
  });
  await assert.rejects(
    saveImages(made.engine, ['b:1'], { platform: { os: 'linux', architecture: 'arm64' } }),
    {
      code: 'image-platform',
      message: 'no suitable export target found for platform linux/arm64',
    },
  );
});

test('equal images give equal bytes, and come back equal to the last digest', async () => {
  await using first = await openTestEngine();
  await using second = await openTestEngine();
  const layer = { tar: tarOf({ a: '1' }) };
  const images = {
    '1': randomImage({ layers: 3 }),
    '2': composeImage([layer, layer]),
    '3': composeImage([]),
  };
  await pulled(first, images);
  const archive = await save(first, ['b']);
  await loadImages(second.engine, streamOf(archive));
  assert.ok(archive.equals(await save(second, ['b'])), 'the same bytes again');
  for (const [tag, image] of Object.entries(images)) {
    const [before, after] = [
      await inspectImage(first.engine, `b:${tag}`),
      await inspectImage(second.engine, `b:${tag}`),
    ];
    assert.equal(after.record.id, image.imageId);
    assert.deepEqual(after.manifest, before.manifest);
    assert.deepEqual(after.record.layers, before.record.layers);
    assert.deepEqual(after.config, before.config);
  }
  const blobs = async ({ engine }: TestEngine) =>
    (await Array.fromAsync(engine.content.list())).map(({ digest }) => digest).sort();
  assert.deepEqual(await blobs(second), await blobs(first), 'nothing else of the archive stays');
});

test('an image that is removed while it is saved is saved to its end', async () => {
  await using made = await openTestEngine();
  await using other = await openTestEngine();
  await pulled(made, { '1': randomImage({ fileSize: 300_000 }) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of await saveImages(made.engine, ['b:1'])) {
    if (chunks.length === 0) await removeImage(made.engine, 'b:1');
    chunks.push(Uint8Array.from(chunk));
  }
  await loadImages(other.engine, streamOf(Buffer.concat(chunks)));
  assert.equal((await listImages(other.engine)).length, 1);
});
