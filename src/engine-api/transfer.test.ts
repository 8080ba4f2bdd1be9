import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { shortId } from '#oci';
import { encodeAuth, type ImageInspect } from '#wire';
import { openLoopback } from '../../test/support/loopback.ts';
import { randomImage } from '../../test/support/random-image.ts';
import { rawExchange } from '../../test/support/raw-exchange.ts';
import { openTestApi } from '../../test/support/test-api.ts';
import { store } from '../../test/support/test-engine.ts';
import { connectLocally } from './index.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());
const ask = (line: string, more = {}) => rawExchange(api.server, line, more);

const image = randomImage({ seed: 1 });
const digest = image.descriptors.manifest.digest;
await store(api.registry('docker.io'), 'library/one', '1', image);
const listening = new Promise<AddressInfo>((resolve) => {
  api.server.listen(0, '127.0.0.1', () => {
    resolve(api.server.address() as AddressInfo);
  });
});
after(() => {
  api.server.closeAllConnections();
  api.server.close();
});

const pull = 'POST /images/create?fromImage=one&tag=1';

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

test('a push is told in docker’s words, its errors in the stream', async () => {
  const headers = { 'X-Registry-Auth': 'e30=' };
  await ask('POST /images/one:1/tag?repo=two&tag=2');
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

test('an error while the body still comes reaches a client that sends all of it first', async () => {
  const { port } = await listening;
  const junk = Buffer.alloc(32 * 1024 * 1024, 'junk');
  const loaded = await fetch(`http://127.0.0.1:${port}/images/load`, { method: 'POST', body: junk });
  assert.match(await loaded.text(), /^\{"errorDetail":\{"message":/);
  const headers = { 'Content-Type': 'application/json' };
  const auth = await fetch(`http://127.0.0.1:${port}/auth`, { method: 'POST', body: junk, headers });
  assert.deepEqual([auth.status, await auth.json()], [400, { message: 'http: request body too large' }]);
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

test('an import from a URL is told while it comes, and one that is refused has a status', async () => {
  await using web = await openLoopback(({ path }, response) => {
    if (path === '/root.tar') response.end(image.tars[1]);
    else response.writeHead(404).end();
  });
  const create = (url: string) => ask(`POST /images/create?fromSrc=${encodeURIComponent(url)}`);
  const { lines } = await create(`${web.host}/root.tar`);
  assert.deepEqual(lines[0], { status: `Downloading from http://${web.host}/root.tar` });
  assert.equal((lines[1] as { status: string }).status, 'Importing');
  assert.match((lines.at(-1) as { status: string }).status, /^sha256:[0-9a-f]{64}$/);
  const refused = await create(`http://${web.host}/nope`);
  assert.deepEqual(
    [refused.status, refused.lines],
    [503, [{ message: 'Got HTTP status code >= 400: 404 Not Found' }]],
  );
});

test('a registry is asked what a name stands for', async () => {
  const expected = {
    Descriptor: { mediaType: image.descriptors.manifest.mediaType, digest, size: image.manifest.length },
    Platforms: [{ architecture: 'amd64', os: 'linux' }],
  };
  assert.deepEqual((await ask('GET /distribution/one:1/json')).lines, [expected]);
  assert.equal((await ask('GET /distribution/nope/json')).status, 404);
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
