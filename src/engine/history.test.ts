import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageConfig, parseReference } from '#oci';
import { composeImage, tarOf } from '../../test/support/compose-image.ts';
import { openTestEngine, store } from '../../test/support/test-engine.ts';
import { imageHistory, pullImage, tagImage } from './index.ts';

const layers = ['a', 'b'].map((name) => ({ tar: tarOf({ [name]: name }) }));
const history = [
  { createdBy: 'ADD a', created: '2024-01-01T00:00:00Z' },
  { createdBy: 'CMD x', emptyLayer: true },
  { createdBy: 'ADD b', comment: 'last' },
];

test('steps come newest first, with the sizes of the layers that they made', async () => {
  await using made = await openTestEngine();
  const image = composeImage(layers, { config: { history } });
  await store(made.registry('docker.io'), 'library/b', '1', image);
  await pullImage(made.engine, parseReference('b:1'));
  const steps = await imageHistory(made.engine, 'b:1');
  const size = (await made.engine.metadata.image(image.imageId))?.layers.map((layer) => layer.size);
  assert.deepEqual(
    steps.map((step) => [step.id, step.createdBy, step.comment, step.size, step.tags]),
    [
      [image.imageId, 'ADD b', 'last', size?.[1], ['b:1']],
      [undefined, 'CMD x', '', 0, []],
      [undefined, 'ADD a', '', size?.[0], []],
    ],
  );
  assert.equal(steps[2]?.created, '2024-01-01T00:00:00Z');
});

test('the images that it was made from on this machine are known by their ids and tags', async () => {
  await using made = await openTestEngine();
  const [child, parent] = [
    composeImage(layers, { config: { history } }),
    composeImage(layers.slice(0, 1), { config: { history: history.slice(0, 2) } }),
  ];
  for (const [tag, image] of Object.entries({ child, parent })) {
    await store(made.registry('docker.io'), 'library/b', tag, image);
    await pullImage(made.engine, parseReference(`b:${tag}`));
  }
  await tagImage(made.engine, 'b:parent', parseReference('p:1'));
  const record = await made.engine.metadata.image(child.imageId);
  await made.engine.metadata.commit([{ put: 'image', image: { ...record!, parent: parent.imageId } }]);
  const steps = await imageHistory(made.engine, 'b:child');
  assert.deepEqual(
    steps.map(({ id, tags }) => [id, tags]),
    [
      [child.imageId, ['b:child']],
      [parent.imageId, ['b:parent', 'p:1']],
      [undefined, []],
    ],
  );
});

test('a config with fewer or no steps than layers is no error', async () => {
  await using made = await openTestEngine();
  for (const [tag, steps] of Object.entries({ none: [], fewer: history.slice(2) })) {
    const image = composeImage(layers, { config: { history: steps } });
    assert.equal(parseImageConfig(image.config).history.length, steps.length);
    await store(made.registry('docker.io'), 'library/b', tag, image);
    await pullImage(made.engine, parseReference(`b:${tag}`));
    assert.equal((await imageHistory(made.engine, `b:${tag}`)).length, steps.length);
  }
});

test("another platform than asked for is told in docker's words", async () => {
  await using made = await openTestEngine();
  await store(made.registry('docker.io'), 'library/b', 'latest', composeImage(layers));
  await pullImage(made.engine, parseReference('b'));
  await assert.rejects(imageHistory(made.engine, 'b', { platform: { os: 'linux', architecture: 'arm64' } }), {
    kind: 'not-found',
    code: 'image-platform',
    message:
      'image with reference b was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)',
  });
});
