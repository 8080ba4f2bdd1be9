import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, parseReference } from '#oci';
import type { Registry } from '#registry';
import { composeImage, tarOf } from '../../test/support/compose-image.ts';
import { randomImage, type RandomImage } from '../../test/support/random-image.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import { spoiled, watched, watchedHost as host } from '../../test/support/watched-registry.ts';
import { listImages, pullImage } from './index.ts';

async function leases({ engine }: TestEngine, digest: RandomImage['imageId']): Promise<boolean> {
  const swept = await engine.metadata.sweep([digest], engine.clock(), async () => undefined);
  return swept.length === 0;
}

const failures: readonly (readonly [
  name: string,
  code: string,
  spoil: (made: TestEngine, image: RandomImage) => Partial<Registry>,
])[] = [
  [
    'a layer with other bytes',
    'blob-digest',
    (made, { descriptors, layers }) =>
      spoiled(made.registry(host), descriptors.layers[1]!.digest, new Uint8Array(layers[1]!.length)),
  ],
  [
    'a layer that breaks off',
    'registry-unreachable',
    (made, { descriptors, layers }) =>
      spoiled(made.registry(host), descriptors.layers[1]!.digest, layers[1]!.subarray(0, 100)),
  ],
  [
    'a config with other bytes',
    'blob-digest',
    (made, { descriptors, config }) =>
      spoiled(made.registry(host), descriptors.config.digest, new Uint8Array(config.length)),
  ],
  [
    'a blob that is not there',
    'blob-unknown',
    (made, { descriptors }) => ({
      getBlob: (repository, digest, options) =>
        made
          .registry(host)
          .getBlob(digest === descriptors.layers[1]!.digest ? 'none' : repository, digest, options),
    }),
  ],
];

for (const [name, code, spoil] of failures) {
  test(`${name} fails the pull; no image is there, and the next try goes on`, async () => {
    await using made = await openTestEngine();
    const image = randomImage({ layers: 2 });
    await store(made.registry(host), 'b', '1', image);
    const reference = parseReference(`${host}/b:1`);
    await assert.rejects(pullImage(watched(made, spoil(made, image)).engine, reference), { code });
    assert.deepEqual(await listImages(made.engine, { all: true }), []);
    assert.deepEqual(await made.engine.metadata.names(), []);
    await pullImage(made.engine, reference);
    assert.equal((await listImages(made.engine)).length, 1);
  });
}

test('what a failed pull fetched is kept for the next try, whose success ends that', async () => {
  await using made = await openTestEngine({
    limits: { concurrentDownloads: 1, concurrentUploads: 1, downloadAttempts: 1 },
  });
  const image = randomImage({ layers: 2 });
  const [first, second] = image.descriptors.layers;
  await store(made.registry(host), 'b', '1', image);
  const reference = parseReference(`${host}/b:1`);
  const breaks = spoiled(made.registry(host), second!.digest, image.layers[1]!.subarray(0, 3));
  for (let time = 0; time < 2; time++) {
    await assert.rejects(pullImage(watched(made, breaks).engine, reference));
  }
  assert.ok(await leases(made, image.imageId));
  assert.deepEqual(
    await made.engine.metadata.sweep([first!.digest], made.engine.clock(), async () => undefined),
    [],
  );
  const { engine, asked } = watched(made);
  await pullImage(engine, reference);
  assert.deepEqual(asked, [second!.digest]);
  await made.engine.metadata.commit([{ remove: 'image', id: image.imageId }]);
  assert.ok(!(await leases(made, image.imageId)), 'nothing holds the image any more');
});

test('a config that lies about its layers is found out, also when the layer is known', async () => {
  await using made = await openTestEngine();
  const [honest, other] = [{ tar: tarOf({ a: '1' }) }, { tar: tarOf({ b: '2' }) }];
  await store(made.registry(host), 'b', 'honest', composeImage([honest]));
  const lie = composeImage([honest], { config: { diffIds: [digestOf(other.tar)] } });
  await store(made.registry(host), 'b', 'lie', lie);
  for (const tag of ['lie', 'honest', 'lie']) {
    const pull = pullImage(made.engine, parseReference(`${host}/b:${tag}`));
    if (tag === 'honest') await pull;
    else await assert.rejects(pull, { kind: 'corrupt', code: 'layer-diff-id' });
  }
  assert.equal((await listImages(made.engine)).length, 1);
});

test('manifest and config that tell of different numbers of layers are refused', async () => {
  await using made = await openTestEngine();
  const layer = { tar: tarOf({ a: '1' }) };
  await store(made.registry(host), 'b', '1', composeImage([layer], { config: { diffIds: [] } }));
  await assert.rejects(pullImage(made.engine, parseReference(`${host}/b:1`)), {
    kind: 'corrupt',
    code: 'layers-mismatch',
    message: /^layers from manifest don't match image configuration/,
  });
});

test("an abort ends the pull with the signal's reason, and nothing of it goes on", async () => {
  await using made = await openTestEngine();
  const image = randomImage({ layers: 2 });
  await store(made.registry(host), 'b', '1', image);
  const abort = new AbortController();
  const never: Partial<Registry> = {
    getBlob: async (repository, digest, options) => {
      const answer = await made.registry(host).getBlob(repository, digest, options);
      if (digest !== image.descriptors.layers[1]!.digest) return answer;
      abort.abort(new Error('enough'));
      return answer;
    },
  };
  await assert.rejects(
    pullImage(watched(made, never).engine, parseReference(`${host}/b:1`), { signal: abort.signal }),
    {
      message: 'enough',
    },
  );
  assert.deepEqual(await listImages(made.engine, { all: true }), []);
});

test('a pull whose partial download went bad on disk fetches that layer anew and succeeds', async () => {
  await using made = await openTestEngine();
  const image = randomImage({ layers: 2, fileSize: 100_000 });
  await store(made.registry(host), 'b', '1', image);
  {
    await using ingest = await made.engine.content.ingest(image.descriptors.layers[1]!.digest);
    await ingest?.write(new Uint8Array(50_000));
  }
  await pullImage(made.engine, parseReference(`${host}/b:1`));
  assert.equal((await listImages(made.engine)).length, 1);
});
