import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GantryError } from '#errors';
import type { ImageInspect, ImageSummary } from '#wire';
import { randomImage } from '../../test/support/random-image.ts';
import { rawExchange } from '../../test/support/raw-exchange.ts';
import { openTestApi } from '../../test/support/test-api.ts';
import { store } from '../../test/support/test-engine.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());
const ask = (line: string, more = {}) => rawExchange(api.server, line, more);
const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;

const image = randomImage({ seed: 1 });
const digest = image.descriptors.manifest.digest;
await store(api.registry('docker.io'), 'library/one', '1', image);
await ask('POST /images/create?fromImage=one&tag=1');

test('a list has the fields of the version that the client speaks', async () => {
  const list = async (version: string) =>
    ((await ask(`GET /v${version}/images/json`)).lines[0] as ImageSummary[])[0];
  const newest = await list('1.50');
  assert.deepEqual(newest, {
    Containers: -1,
    Created: Date.UTC(2024, 0, 1) / 1000,
    Id: image.imageId,
    Labels: { seed: '1' },
    ParentId: '',
    RepoDigests: [`one@${digest}`],
    RepoTags: ['one:1'],
    SharedSize: -1,
    Size: newest?.Size,
  });
  assert.equal((await list('1.43'))?.VirtualSize, newest.Size);
  const shared = (await ask('GET /images/json?shared-size=1')).lines[0] as ImageSummary[];
  assert.equal(shared[0]?.SharedSize, 0);
  const found = async (value: object) =>
    ((await ask(`GET /images/json?${filters(value)}`)).lines[0] as unknown[]).length;
  assert.equal(await found({ reference: ['on*'] }), 1);
  assert.equal(await found({ reference: ['tw*'] }), 0);
  assert.equal(await found({ label: { 'seed=1': true }, until: ['1h'] }), 1);
  assert.equal(await found({ dangling: { true: true } }), 0);
  assert.equal(((await ask('GET /v1.40/images/json?filter=tw*')).lines[0] as unknown[]).length, 0);
});

test('an inspection has the shape of the version that the client speaks', async () => {
  const inspect = async (version: string) =>
    (await ask(`GET /v${version}/images/one:1/json`)).lines[0] as ImageInspect;
  const newest = await inspect('1.50');
  assert.equal(newest.Id, image.imageId);
  assert.deepEqual(newest.RepoTags, ['one:1']);
  assert.deepEqual(newest.RootFS, { Type: 'layers', Layers: image.diffIds });
  assert.deepEqual(newest.Config, { Env: ['PATH=/bin'], Cmd: ['/bin/sh'], Labels: { seed: '1' } });
  assert.equal(newest.Descriptor?.digest, digest);
  assert.equal(newest.VirtualSize, undefined);
  const older = await inspect('1.43');
  assert.deepEqual(older.Config.Cmd, ['/bin/sh']);
  assert.equal(older.Config.WorkingDir, '');
  assert.equal(older.ContainerConfig?.Cmd, null);
  assert.equal(older.VirtualSize, newest.Size);
  assert.equal(older.Descriptor, undefined);
  const platform = encodeURIComponent('{"os":"linux","architecture":"arm64"}');
  const other = await ask(`GET /images/one:1/json?platform=${platform}`);
  assert.equal(other.status, 404);
  assert.match(
    other.text,
    /platform \(linux\/amd64\) does not match the specified platform \(linux\/arm64\)/,
  );
});

test('a history begins with the image and has ids for what is on this machine', async () => {
  const [items] = (await ask('GET /images/one:1/history')).lines as [Record<string, unknown>[]];
  assert.deepEqual(
    items.map(({ Id, CreatedBy, Tags }) => [Id, CreatedBy, Tags]),
    [
      [image.imageId, 'COPY layer-1 /', ['one:1']],
      ['<missing>', 'COPY layer-0 /', null],
    ],
  );
});

test('an image is tagged, and a name that cannot be a tag is refused', async () => {
  const tagged = await ask('POST /images/one:1/tag?repo=docker.io/library/two&tag=2');
  assert.deepEqual([tagged.status, tagged.text, tagged.headers['content-length']], [201, '', '0']);
  const refusals = [
    ['sha256&tag=x', 'refusing to create an ambiguous tag using digest algorithm as name'],
    ['Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
  ];
  for (const [repository, message] of refusals) {
    const answer = await ask(`POST /images/one:1/tag?repo=${repository ?? ''}`);
    assert.deepEqual([answer.status, answer.lines], [400, [{ message }]]);
  }
});

test('the layers of all images are counted once each', async () => {
  const [usage] = (await ask('GET /system/df')).lines as [{ LayersSize: number; Images: ImageSummary[] }];
  assert.equal(
    usage.LayersSize,
    image.tars.reduce((sum, tar) => sum + tar.length, 0),
  );
  assert.deepEqual(
    usage.Images.map(({ Containers, SharedSize }) => [Containers, SharedSize]),
    [[0, 0]],
  );
  const [volumes] = (await ask('GET /system/df?type=volume')).lines as [{ Images: null; Volumes: [] }];
  assert.deepEqual([volumes.Images, volumes.Volumes], [null, []]);
});

test('an image is removed name by name, and pruning takes the rest', async () => {
  await ask('POST /images/one:1/tag?repo=two&tag=2');
  assert.deepEqual((await ask('DELETE /images/two:2')).lines, [[{ Untagged: 'two:2' }]]);
  const conflict = await ask(`POST /images/one:1/tag?repo=other`).then(() =>
    ask(`DELETE /images/${image.imageId}`),
  );
  assert.equal(conflict.status, 409);
  assert.match(conflict.text, /\(must be forced\) - image is referenced in multiple repositories/);
  const pruned = (await ask(`POST /images/prune?${filters({ dangling: ['false'] })}`)).lines[0] as {
    ImagesDeleted: object[];
    SpaceReclaimed: number;
  };
  assert.ok(pruned.ImagesDeleted.some((each) => (each as { Deleted?: string }).Deleted === image.imageId));
  assert.ok(pruned.SpaceReclaimed > 0);
  assert.equal((await ask('GET /images/json')).text, '[]\n');
});

test('a fault inside is a 500, and is reported', async () => {
  await using broken = await openTestApi({
    clock: () => {
      throw new Error('the clock stands still');
    },
  });
  const answer = await rawExchange(broken.server, 'GET /info');
  assert.deepEqual([answer.status, answer.lines], [500, [{ message: 'the clock stands still' }]]);
  assert.equal((broken.failures[0] as GantryError).message, 'the clock stands still');
});
