import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { GantryError } from '#errors';
import { digestOf, shortId } from '#oci';
import { encodeAuth, type Event, type ImageInspect, type ImageSummary } from '#wire';
import { randomImage } from '../../test/support/random-image.ts';
import { rawExchange } from '../../test/support/raw-exchange.ts';
import { openTestApi } from '../../test/support/test-api.ts';
import { store } from '../../test/support/test-engine.ts';
import { connectLocally } from './index.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());
const ask = (line: string, more = {}) => rawExchange(api.server, line, more);
const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;

const image = randomImage({ seed: 1 });
const digest = image.descriptors.manifest.digest;
await store(api.registry('docker.io'), 'library/one', '1', image);

const pull = 'POST /images/create?fromImage=one&tag=1';
const began = Date.now() / 1000;

test('a pull is told in docker’s words, and the second one is up to date', async () => {
  const first = await ask(pull);
  assert.equal(first.status, 200);
  assert.equal(first.headers['content-type'], 'application/json');
  assert.ok(first.text.endsWith('}\r\n'));
  const lines = first.lines as { status: string; id?: string }[];
  assert.deepEqual(lines[0], { status: 'Pulling from library/one', id: '1' });
  assert.deepEqual(lines.slice(-2), [
    { status: `Digest: ${digest}` },
    { status: 'Status: Downloaded newer image for one:1' },
  ]);
  for (const { digest: blob } of image.descriptors.layers) {
    const states = lines.filter(({ id }) => id === shortId(blob)).map(({ status }) => status);
    assert.equal(states[0], 'Pulling fs layer');
    assert.equal(states.at(-1), 'Pull complete');
  }
  assert.deepEqual((await ask(pull)).lines, [
    { status: 'Pulling from library/one', id: '1' },
    { status: `Digest: ${digest}` },
    { status: 'Status: Image is up to date for one:1' },
  ]);
});

test('a pull for another platform of an image that has one only ends with a warning', async () => {
  const { lines } = await ask(`${pull}&platform=linux/arm64`);
  assert.deepEqual(lines.at(-1), {
    status:
      'WARNING: image with reference one:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)',
  });
});

test('a pull that fails before its first line has a status', async () => {
  const unknown = await ask('POST /images/create?fromImage=one&tag=nope');
  assert.equal(unknown.status, 404);
  assert.match(unknown.text, /^\{"message":"manifest for one:nope not found: manifest unknown: /);
  assert.equal((await ask('POST /images/create?fromImage=nope&tag=1')).status, 404);
});

test('a name without a tag pulls all tags, and a digest may stand for the tag', async () => {
  const all = await ask('POST /images/create?fromImage=one:');
  assert.deepEqual(all.lines.at(-1), { status: 'Status: Image is up to date for one' });
  const { lines } = await ask(`POST /images/create?fromImage=one&tag=${digest}`);
  assert.deepEqual(lines[0], { status: 'Pulling from library/one', id: `docker.io/library/one@${digest}` });
});

test('credentials reach the registry, and unreadable ones count as none', async () => {
  const auth = { username: 'me', password: 'right', serveraddress: 'x' };
  await ask(pull, { headers: { 'X-Registry-Auth': encodeAuth(auth) } });
  assert.deepEqual(api.seenAuth.at(-1), { username: 'me', password: 'right', serverAddress: 'x' });
  for (const header of ['e30=', '!!!']) {
    assert.equal((await ask(pull, { headers: { 'X-Registry-Auth': header } })).status, 200);
    assert.equal(api.seenAuth.at(-1), undefined);
  }
});

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

test('a push is told in docker’s words, its errors in the stream', async () => {
  const headers = { 'X-Registry-Auth': 'e30=' };
  const { lines } = await ask('POST /images/two/push?tag=2', { headers });
  assert.deepEqual(lines[0], { status: 'The push refers to repository [docker.io/library/two]' });
  const size = image.manifest.length;
  assert.deepEqual(lines.slice(-2), [
    { status: `2: digest: ${digest} size: ${size}` },
    { progressDetail: {}, aux: { Tag: '2', Digest: digest, Size: size } },
  ]);
  const missing = await ask('POST /images/docker.io/library/nope/push?tag=1', { headers });
  assert.equal(missing.status, 200);
  const message = 'An image does not exist locally with the tag: nope';
  assert.deepEqual(missing.lines[1], { errorDetail: { message }, error: message });
  const platform = encodeURIComponent('{"os":"linux","architecture":"arm64"}');
  assert.equal((await ask(`POST /images/two/push?tag=2&platform=${platform}`, { headers })).status, 404);
});

test('what is saved can be loaded, compressed or not, and what is no archive fails in the stream', async () => {
  const saved = await once(
    request({ path: '/images/two:2/get', createConnection: () => connectLocally(api.server) }).end(),
    'response',
  );
  const [response] = saved as [AsyncIterable<Buffer> & { headers: Record<string, string> }];
  assert.equal(response.headers['content-type'], 'application/x-tar');
  const archive = Buffer.concat(await Array.fromAsync(response));
  for (const body of [archive, gzipSync(archive)]) {
    const loaded = await ask('POST /images/load?quiet=1', { body });
    assert.deepEqual(loaded.lines, [{ stream: 'Loaded image: two:2\n' }]);
  }
  const broken = await ask('POST /images/load', { body: 'this is no archive' });
  assert.equal(broken.status, 200);
  assert.equal(typeof (broken.lines[0] as { error?: string }).error, 'string');
});

test('an import answers the id of its image, whatever type its body is said to be', async () => {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const target = `/images/create?fromSrc=-&repo=imported&tag=1&message=m&changes=${encodeURIComponent('CMD ["sh"]')}`;
  const { lines } = await ask(`POST ${target}`, { headers, body: image.tars[0] });
  const { status } = lines.at(-1) as { status: string };
  const inspected = (await ask('GET /images/imported:1/json')).lines[0] as ImageInspect;
  assert.equal(inspected.Id, status);
  assert.equal(inspected.Comment, 'm');
  assert.deepEqual(inspected.Config.Cmd, ['sh']);
  const refused = await ask('POST /images/create?fromSrc=-&changes=RUN%20x', { body: image.tars[0] });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /is not a valid change command/);
});

test('a registry is asked what a name stands for', async () => {
  const expected = {
    Descriptor: { mediaType: image.descriptors.manifest.mediaType, digest, size: image.manifest.length },
    Platforms: [{ architecture: 'amd64', os: 'linux' }],
  };
  assert.deepEqual((await ask('GET /distribution/one:1/json')).lines, [expected]);
  assert.equal((await ask('GET /distribution/nope/json')).status, 404);
});

test('events are told again from a time on, and filtered', async () => {
  const until = Date.now() / 1000 + 0.001;
  const events = async (more: string, version = '1.50') =>
    (await ask(`GET /v${version}/events?since=${began.toFixed(3)}&until=${until.toFixed(3)}${more}`))
      .lines as Event[];
  const all = await events('');
  const pulled = all.find(({ Action }) => Action === 'pull');
  assert.deepEqual(
    [pulled?.status, pulled?.id, pulled?.Type, pulled?.scope],
    ['pull', 'one:1', 'image', 'local'],
  );
  assert.equal(Math.floor((pulled?.timeNano ?? 0) / 1e9), pulled?.time);
  const tags = await events(`&${filters({ event: ['tag'], image: ['two'] })}`);
  assert.ok(tags.length > 0);
  assert.ok(tags.every(({ Action, Actor }) => Action === 'tag' && Actor.Attributes['name'] === 'two:2'));
  assert.deepEqual(await events(`&${filters({ type: ['container'] })}`), []);
  assert.deepEqual(await events(`&${filters({ label: ['nope'] })}`), []);
});

test('events to come arrive one by one, and a client that leaves is forgotten', async () => {
  const asked = request({ path: '/events', createConnection: () => connectLocally(api.server) }).end();
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  await ask('POST /images/one:1/tag?repo=three');
  for await (const chunk of response) {
    assert.equal((JSON.parse(chunk.toString()) as Event).Action, 'tag');
    break;
  }
});

test('a client that leaves ends the pull, and what is no failure is not reported', async () => {
  const open = Promise.withResolvers<AbortSignal | undefined>();
  const registry = api.registry('slow.test');
  registry.getManifest = async (_repository, _reference, { signal } = {}) => {
    open.resolve(signal);
    await once(signal!, 'abort');
    throw signal!.reason;
  };
  const asked = request({
    method: 'POST',
    path: '/images/create?fromImage=slow.test/x&tag=1',
    createConnection: () => connectLocally(api.server),
  }).end();
  asked.on('error', () => undefined);
  const signal = await open.promise;
  asked.destroy();
  if (signal?.aborted === false) await once(signal, 'abort');
  assert.deepEqual(api.failures, []);
});

test('sizes of all images are counted with each layer once', async () => {
  const [usage] = (await ask('GET /system/df')).lines as [{ LayersSize: number; Images: ImageSummary[] }];
  const sizes = new Set(image.tars.map((tar) => digestOf(tar)));
  assert.ok(usage.LayersSize > 0 && sizes.size === 2);
  assert.equal(usage.Images[0]?.Containers, 0);
  const [volumes] = (await ask('GET /system/df?type=volume')).lines as [{ Images: null; Volumes: [] }];
  assert.deepEqual([volumes.Images, volumes.Volumes], [null, []]);
});

test('an image is removed name by name, and pruning takes the rest', async () => {
  for (const name of ['two:2', 'three']) {
    const removed = (await ask(`DELETE /images/${name}`)).lines[0] as object[];
    assert.ok(removed.every((each) => 'Untagged' in each));
  }
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
