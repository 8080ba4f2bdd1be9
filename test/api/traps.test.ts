/** What clients of the Engine API stand on without saying so: each has broken a client of some server once. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { after, test } from 'node:test';
import { connectLocally } from '#engine-api';
import { chainIds } from '#oci';
import { randomImage } from '../support/random-image.ts';
import { rawExchange } from '../support/raw-exchange.ts';
import { openTestApi } from '../support/test-api.ts';
import { store } from '../support/test-engine.ts';
import { anonymous } from './rows.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());
const ask = (line: string, more = {}) => rawExchange(api.server, line, more);
const json = async (line: string) => (await ask(line)).lines[0];
const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;

const image = randomImage({ seed: 1 });
const { digest } = image.descriptors.manifest;
await store(api.registry('docker.io'), 'library/one', '1', image);
await store(api.registry('docker.io'), 'library/one', '2', image);
const pull = (tag = '1') => ask(`POST /images/create?fromImage=one&tag=${tag}`);
await pull();

test('the type of JSON has no charset behind it, streams included', async () => {
  for (const line of [
    'GET /images/json',
    'GET /events?since=1&until=2',
    'POST /images/create?fromImage=one&tag=1',
  ]) {
    assert.equal((await ask(line)).headers['content-type'], 'application/json');
  }
});

test('the headers of events come before the first event', async () => {
  const asked = request({ path: '/events', createConnection: () => connectLocally(api.server) }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  response.destroy();
});

test('a name may have slashes, colons and words of the API in it', async () => {
  const names = ['127.0.0.1:5000/t/bb:1', 'json', 'a/json', 'a/history', 'get/json'];
  for (const name of names) {
    const [repo, tag = 'latest'] = name.split(/:(?=[^/]*$)/);
    assert.equal((await ask(`POST /images/one:1/tag?repo=${repo}&tag=${tag}`)).status, 201);
    assert.equal(((await json(`GET /images/${name}/json`)) as { Id: string }).Id, image.imageId);
    assert.equal((await ask(`DELETE /images/${name}`)).status, 200);
  }
});

test('values of one filter: times and neighbours must all hold, of references one', async () => {
  const found = async (value: object) =>
    ((await json(`GET /images/json?${filters(value)}`)) as unknown[]).length;
  for (const form of [(...values: string[]) => values, (...values: string[]) => asSet(values)]) {
    assert.equal(await found({ reference: form('nope', 'one') }), 1);
    assert.equal(await found({ until: form('1h', '2000-01-01') }), 0);
    assert.equal(await found({ label: form('seed=1', 'seed=2') }), 0);
  }
  function asSet(values: string[]) {
    return Object.fromEntries(values.map((value) => [value, true]));
  }
});

test('an image is known by the digest of its config, and the digest of its manifest leads to it', async () => {
  const inspected = (await json(`GET /images/${digest}/json`)) as { Id: string; RepoDigests: string[] };
  assert.equal(inspected.Id, image.imageId);
  assert.deepEqual(inspected.RepoDigests, [`one@${digest}`]);
});

test('pulls fail with a status, pushes in the stream, and each object of it ends with CR LF', async () => {
  assert.equal((await ask('POST /images/create?fromImage=one&tag=9')).status, 404);
  const push = await ask('POST /images/one/push?tag=9', anonymous);
  assert.equal(push.status, 200);
  const objects = push.text.split('\r\n');
  assert.equal(objects.pop(), '');
  assert.deepEqual(Object.keys(JSON.parse(objects.at(-1) ?? '') as object), ['errorDetail', 'error']);
  const { lines } = await ask('POST /images/one/push?tag=1', anonymous);
  assert.deepEqual(lines.at(-1), {
    progressDetail: {},
    aux: { Tag: '1', Digest: digest, Size: image.manifest.length },
  });
});

test('the last tag of a repository takes its digests along, then the image and its layers from the top', async () => {
  await pull('2');
  assert.deepEqual(await json('DELETE /images/one:1'), [{ Untagged: 'one:1' }]);
  assert.deepEqual(await json('DELETE /images/one:2'), [
    { Untagged: 'one:2' },
    { Untagged: `one@${digest}` },
    { Deleted: image.imageId },
    ...chainIds(image.diffIds)
      .toReversed()
      .map((chainId) => ({ Deleted: chainId })),
  ]);
  assert.equal(((await json('GET /images/json')) as unknown[]).length, 0);
});

test('what does not exist is a clean 404 for every kind of object that docker inspect tries', async () => {
  for (const path of ['containers/x', 'images/x', 'plugins/x']) {
    assert.equal((await ask(`GET /${path}/json`)).status, 404);
  }
  for (const path of ['networks/x', 'volumes/x']) assert.equal((await ask(`GET /${path}`)).status, 404);
});

test('a second prune is refused while the first is under way', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => ask('POST /images/prune')));
  const statuses = answers.map(({ status }) => status).sort();
  assert.equal(statuses[0], 200);
  assert.equal(statuses.at(-1), 409);
  const refused = answers.find(({ status }) => status === 409);
  assert.deepEqual(refused?.lines, [{ message: 'a prune operation is already running' }]);
  assert.equal((await ask('POST /images/prune')).status, 200);
});
