import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { digestOf } from '#oci';
import { createRegistryClients } from '#registry-client';
// The suite of the interface that is served here.
import { registrySuite } from '../../src/registry/registry.suite.ts';
import {
  ask,
  begin,
  expectBlob,
  expectManifest,
  expectStatus,
  imageOf,
  indexOf,
  locationOf,
  pushBlob,
  pushImage,
  putManifest,
  withDigest,
} from './conformance/target.ts';
import { openOurs } from './ours.ts';

registrySuite('our client over our server', async () => {
  const ours = await openOurs();
  const clients = createRegistryClients({ version: 'test', env: {}, insecureRegistries: [ours.host] });
  return {
    registry: clients.open(ours.host),
    close: async () => {
      await clients[Symbol.asyncDispose]();
      await ours[Symbol.asyncDispose]();
      assert.deepEqual(ours.failures, []);
    },
  };
});

/** Sends bytes as they are and gives all that comes back until the other side closes or `until` is seen. */
async function raw(host: string, text: string, until: RegExp): Promise<string> {
  const [name, port] = host.split(':');
  const socket = connect(Number(port), name);
  await once(socket, 'connect');
  socket.write(text);
  let answered = '';
  for await (const chunk of socket) {
    answered += String(chunk);
    if (until.test(answered)) break;
  }
  socket.destroy();
  return answered;
}

test('behind a proxy’s path, every place that is told begins with it', async () => {
  await using ours = await openOurs();
  const headers = { 'x-forwarded-prefix': '/registry/one' };
  const begun = await ask(ours, 'POST /v2/a/blobs/uploads/', { headers });
  assert.match(locationOf(begun), /^\/registry\/one\/v2\/a\/blobs\/uploads\/[^/]+$/);
  for (const name of ['a', 'b']) await pushBlob(ours, name, Buffer.from('x'));
  const page = await ask(ours, 'GET /v2/_catalog?n=1', { headers });
  assert.equal(page.headers.get('link'), '</registry/one/v2/_catalog?n=1&last=a>; rel="next"');
  for (const hostile of ['//evil.example', '/a b', 'evil', '/a?x', '/a>']) {
    const reply = await ask(ours, 'POST /v2/a/blobs/uploads/', {
      headers: { 'x-forwarded-prefix': hostile },
    });
    assert.match(locationOf(reply), /^\/v2\/a\/blobs\/uploads\//);
  }
});

test('what a connection brought before it broke stays, and the upload goes on from there', async () => {
  await using ours = await openOurs();
  const bytes = randomBytes(200_000);
  const location = await begin(ours, 'a');
  const head = `PATCH ${location} HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n`;
  const [name, port] = ours.host.split(':');
  const socket = connect(Number(port), name);
  socket.write(head);
  socket.write(bytes.subarray(0, 100_000), () => setTimeout(() => socket.destroy(), 100));
  await once(socket, 'close');
  let offset = 0;
  for (let tries = 0; offset === 0 && tries < 100; tries++) {
    const status = expectStatus(await ask(ours, `GET ${location}`), 204);
    const end = Number(status.headers.get('range')?.split('-')[1]);
    offset = end === 0 ? 0 : end + 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(offset, 100_000);
  const headers = { 'content-range': '100000-199999', 'content-type': 'application/octet-stream' };
  const end = withDigest(location, digestOf(bytes));
  expectStatus(await ask(ours, `PUT ${end}`, { headers, body: bytes.subarray(100_000) }), 201);
});

test('a body that is refused does not cost the connection its next request', async () => {
  await using ours = await openOurs();
  const text =
    `PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n` +
    `500000\r\n${' '.repeat(0x500000)}\r\n0\r\n\r\n` +
    `GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n`;
  const answered = await raw(ours.host, text, /200 OK/);
  assert.match(answered, /^HTTP\/1\.1 413 /);
  assert.match(answered, /HTTP\/1\.1 200 OK/);
});

test('a body without end that is refused is not read without end', async () => {
  await using ours = await openOurs();
  const [name, port] = ours.host.split(':');
  const socket = connect(Number(port), name);
  let answered = '';
  socket.on('data', (part) => (answered += String(part)));
  const head = `PATCH /v2/a/blobs/uploads/none HTTP/1.1\r\nHost: x\r\nContent-Length: ${2 ** 40}\r\n\r\n`;
  const mebibyte = Buffer.alloc(1024 * 1024);
  let sent = 0;
  function* body(): Iterable<Buffer> {
    yield Buffer.from(head);
    for (; sent < 1024; sent++) yield mebibyte;
  }
  await assert.rejects(pipeline(body, socket));
  assert.match(answered, /^HTTP\/1\.1 404 /);
  assert.ok(sent < 1024);
});

test('paths that would leave the tree, or are no text, find nothing', async () => {
  await using ours = await openOurs();
  for (const path of [
    '/v2/../../etc/passwd',
    '/v2/%2e%2e/%2e%2e/tags/list',
    '/v2/a%00/tags/list',
    '/v2/%ff/tags/list',
  ]) {
    const answered = await raw(
      ours.host,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      /\r\n\r\n\{/,
    );
    assert.match(answered, /^HTTP\/1\.1 (400|404) /, path);
    assert.match(answered, /"errors":/);
  }
  assert.deepEqual(ours.failures, []);
});

test('a digest with an encoded colon is a digest', async () => {
  await using ours = await openOurs();
  await pushBlob(ours, 'a', Buffer.from('x'));
  const digest = encodeURIComponent(digestOf(Buffer.from('x')));
  expectStatus(await ask(ours, `GET /v2/a/blobs/${digest}`), 200);
});

test('a repository may be called like the parts of a path', async () => {
  await using ours = await openOurs();
  for (const name of ['tags/list', 'blobs/uploads', 'a/manifests', 'manifests/manifests', 'referrers/x']) {
    await pushBlob(ours, name, Buffer.from('x'));
    expectStatus(await ask(ours, `GET /v2/${name}/blobs/${digestOf(Buffer.from('x'))}`), 200);
    expectStatus(await ask(ours, `GET /v2/${name}/tags/list`), 200);
  }
});

test('who pushes an index of what is elsewhere is warned', async () => {
  await using ours = await openOurs();
  const reply = expectStatus(await putManifest(ours, 'a', 'v1', indexOf([imageOf([])])), 201);
  assert.match(reply.headers.get('warning') ?? '', /^299 - "the index lists 1 manifests [^"]+"$/);
});

test('a collection at any time takes nothing from those who push', async () => {
  await using ours = await openOurs();
  const state = { pushing: true };
  const collecting = (async () => {
    while (state.pushing) {
      await ours.registry.collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const repositories = ['a', 'b', 'a', 'b'];
  const shared = randomBytes(5000);
  const images = await Promise.all(
    repositories.map((repository, n) =>
      pushImage(ours, repository, { tags: [`v${n}`], layers: [shared, randomBytes(1000)] }),
    ),
  );
  for (const [n, repository] of repositories.entries()) {
    await expectManifest(ours, repository, `v${n}`, images[n]!);
    for (const layer of images[n]!.layers) await expectBlob(ours, repository, layer);
  }
  state.pushing = false;
  await collecting;
  assert.deepEqual(ours.failures, []);
});
