import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { digestOf } from '#oci';
import { openLoopback, sendJson, type Seen } from '../../test/support/loopback.ts';
import { createRegistryClients, type RegistryClients } from './clients.ts';

const blob = randomBytes(300_000);
const digest = digestOf(blob);
const session = '/v2/a/b/blobs/uploads/s1';

/** The blob as it is put: in pieces, from any offset. */
const whole = {
  digest,
  size: blob.length,
  async *open(offset: number): AsyncIterable<Uint8Array> {
    for (let at = offset; at < blob.length; at += 1000) yield blob.subarray(at, at + 1000);
  },
};

const clientsOf = (): RegistryClients =>
  createRegistryClients({ version: '0', env: {}, random: () => 0, wait: async () => undefined });

/** A registry that begins uploads; `answer` does the rest, with bodies unread. */
function openUploads(
  answer: (request: Seen & { raw: IncomingMessage }, response: ServerResponse) => void | Promise<void>,
  location = `${session}?state=a%3Db%20c`,
): ReturnType<typeof openLoopback> {
  return openLoopback(
    async (request, response) => {
      if (request.path === '/v2/') response.end();
      else if (request.method === 'POST') response.writeHead(202, { location }).end();
      else await answer(request, response);
    },
    { raw: true },
  );
}

const steps = (seen: readonly Seen[]): string[] =>
  seen
    .filter(({ path }) => path !== '/v2/')
    .map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);

test('a blob goes up in one PUT, with the query of the session as it was', async () => {
  let received: Buffer | undefined;
  await using server = await openUploads(async ({ raw }, response) => {
    received = await buffer(raw);
    response.writeHead(201).end();
  });
  await using clients = clientsOf();
  const progress: number[] = [];
  await clients.open(server.host).putBlob('a/b', whole, { onProgress: (bytes) => progress.push(bytes) });
  assert.ok(received?.equals(blob));
  assert.equal(progress.at(-1), blob.length);
  const { method, path, headers } = server.seen.at(-1)!;
  assert.equal(`${method} ${path}`, `PUT ${session}?state=a%3Db%20c&digest=${encodeURIComponent(digest)}`);
  assert.equal(headers['content-length'], String(blob.length));
});

test('an upload that breaks goes on with what the registry does not have', async () => {
  let stored = Buffer.alloc(0);
  await using server = await openUploads(async ({ method, raw, headers }, response) => {
    if (method === 'PUT' && stored.length === 0) {
      for await (const chunk of raw) {
        stored = Buffer.concat([stored, chunk as Buffer]);
        if (stored.length > 100_000) raw.destroy();
      }
    } else if (method === 'GET') {
      response.writeHead(204, { range: `0-${stored.length - 1}`, location: `${session}?state=2` }).end();
    } else if (method === 'PATCH') {
      assert.equal(headers['content-range'], `${stored.length}-${blob.length - 1}`);
      stored = Buffer.concat([stored, await buffer(raw)]);
      response.writeHead(202, { location: `${session}?state=3` }).end();
    } else {
      response.writeHead(201).end();
    }
  });
  await using clients = clientsOf();
  await clients.open(server.host).putBlob('a/b', whole);
  assert.ok(stored.equals(blob));
  assert.deepEqual(steps(server.seen), [
    'POST /v2/a/b/blobs/uploads/',
    `PUT ${session}`,
    `GET ${session}`,
    `PATCH ${session}`,
    `PUT ${session}`,
  ]);
  assert.match(server.seen.at(-1)!.path, /state=3&digest=/);
});

test('a registry that kept nothing, or cannot tell, is sent everything again', async () => {
  const states: [number, Record<string, string>][] = [
    [204, { range: '0-0' }],
    [204, { range: `0-${blob.length}` }],
    [404, {}],
    [200, { 'content-type': 'text/html' }],
  ];
  for (const [status, headers] of states) {
    let puts = 0;
    await using server = await openUploads(async ({ method, raw }, response) => {
      if (method === 'GET') {
        response.writeHead(status, headers).end();
      } else if (puts++ === 0) {
        raw.once('data', () => raw.destroy());
      } else {
        assert.equal((await buffer(raw)).length, blob.length);
        response.writeHead(201).end();
      }
    });
    await using clients = clientsOf();
    await clients.open(server.host).putBlob('a/b', whole);
    assert.equal(steps(server.seen).filter((step) => step.startsWith('POST')).length, 2, `${status}`);
  }
});

test('a session that the registry forgot is begun anew', async () => {
  let puts = 0;
  await using server = await openUploads(async ({ raw }, response) => {
    await buffer(raw);
    if (puts++ === 0) sendJson(response, 404, { errors: [{ code: 'BLOB_UPLOAD_UNKNOWN', message: 'x' }] });
    else response.writeHead(201).end();
  });
  await using clients = clientsOf();
  await clients.open(server.host).putBlob('a/b', whole);
  assert.equal(puts, 2);
});

test('a digest that the registry refuses is not tried twice', async () => {
  await using server = await openUploads(async ({ raw }, response) => {
    await buffer(raw);
    sendJson(response, 400, {
      errors: [{ code: 'DIGEST_INVALID', message: 'provided digest did not match' }],
    });
  });
  await using clients = clientsOf();
  await assert.rejects(clients.open(server.host).putBlob('a/b', whole), { code: 'blob-digest' });
  assert.equal(steps(server.seen).filter((step) => step.startsWith('PUT')).length, 1);
});

test('an upload that never gets anywhere ends with the last failure', async () => {
  await using server = await openUploads(async ({ raw }, response) => {
    await buffer(raw);
    response.writeHead(503).end();
  });
  await using clients = clientsOf();
  await assert.rejects(clients.open(server.host).putBlob('a/b', whole), { code: 'registry-failed' });
  assert.equal(steps(server.seen).filter((step) => step.startsWith('PUT')).length, 5);
});

test('a session on another host gets the bytes and no credentials', async () => {
  await using storage = await openUploads(async ({ raw }, response) => {
    await buffer(raw);
    response.writeHead(201).end();
  });
  await using registry = await openLoopback(({ headers }, response) => {
    if (headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    } else {
      response.writeHead(202, { location: `http://${storage.host}/there` }).end();
    }
  });
  await using clients = clientsOf();
  await clients.open(registry.host, { username: 'me', password: 'x' }).putBlob('a/b', whole);
  assert.deepEqual(
    storage.seen.map(({ path, headers }) => [path, headers.authorization]),
    [[`/there?digest=${encodeURIComponent(digest)}`, undefined]],
  );
});

test('a mount that the registry makes an upload of is given up, and is no error where it is forbidden', async () => {
  await using server = await openUploads((_, response) => void response.writeHead(204).end());
  await using clients = clientsOf();
  assert.equal(await clients.open(server.host).mountBlob('a/b', digest, 'c/d'), false);
  assert.deepEqual(steps(server.seen), ['POST /v2/a/b/blobs/uploads/', `DELETE ${session}`]);

  await using strict = await openLoopback(({ path }, response) => {
    sendJson(response, path === '/v2/' ? 200 : 403, {});
  });
  assert.equal(await clients.open(strict.host).mountBlob('a/b', digest, 'c/d'), false);
});

test('an upload without a Location is refused', async () => {
  await using server = await openLoopback((_, response) => void response.writeHead(202).end());
  await using clients = clientsOf();
  await assert.rejects(clients.open(server.host).putBlob('a/b', whole), { code: 'registry-answer' });
});

test('aborting ends an upload', async () => {
  await using server = await openUploads(() => undefined);
  await using clients = clientsOf();
  const stop = new AbortController();
  const work = clients.open(server.host).putBlob('a/b', whole, {
    signal: stop.signal,
    onProgress: () => {
      stop.abort();
    },
  });
  await assert.rejects(work, { name: 'AbortError' });
});
