/** @docker/node-sdk, Docker's own library of Node, with our daemon. Needs root and docker-registry. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DockerClient, Filter } from '@docker/node-sdk';
import { openStage } from './stage.ts';

const stage = await openStage();
after(() => stage[Symbol.asyncDispose]());
const { image, repository, daemon } = stage;
const docker = await DockerClient.fromDockerHost(daemon.host);
after(() => docker.close());
const name = `${repository}:1`;

test('it pings, and reads version and info', async () => {
  assert.equal(await docker.systemPing(), '1.50');
  assert.equal((await docker.systemVersion()).ApiVersion, '1.50');
  assert.equal((await docker.systemInfo()).OSType, 'linux');
});

test('it pulls, lists with manifests, inspects and tags', async () => {
  await docker.imageCreate({ fromImage: repository, tag: '1' }).wait();
  const list = await docker.imageList({
    manifests: true,
    filters: new Filter().set('reference', [repository]),
  });
  assert.deepEqual(
    list.map(({ Id, Manifests }) => [Id, Manifests?.map(({ ID }) => ID)]),
    [[image.imageId, [image.descriptors.manifest.digest]]],
  );
  await docker.imageTag(name, 'mine', '2');
  assert.deepEqual((await docker.imageInspect('mine:2')).RepoTags, [name, 'mine:2']);
});

test('it pushes, removes and prunes', async () => {
  await docker.imagePush(repository, { tag: '1' }).wait();
  assert.deepEqual(await docker.imageDelete('mine:2'), [{ Untagged: 'mine:2' }]);
  assert.equal((await docker.imagePrune()).ImagesDeleted, null);
  assert.equal((await docker.systemDataUsage()).Images?.length, 1);
  // It throws the class itself, without a message.
  await assert.rejects(docker.imageInspect('nope'), ({ name }: Error) => name === 'NotFoundError');
});
