import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError, type GantryError } from '#errors';
import { digestOf, encodeManifest, mediaTypes } from '#oci';
import { openLoopback, sendJson } from '../../test/support/loopback.ts';
import { createRegistryClients, type RegistryClientsOptions } from './clients.ts';

const manifest = encodeManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests: [] });
const digest = digestOf(manifest);
const blob = Buffer.from('0123456789');
const blobDigest = digestOf(blob);

/** Clients whose waits take no time and are written down. */
function clientsOf(options: Partial<RegistryClientsOptions> = {}) {
  const waits: number[] = [];
  const wait = async (milliseconds: number): Promise<void> => void waits.push(milliseconds);
  const clients = createRegistryClients({ version: '1.2.3', env: {}, random: () => 0, wait, ...options });
  return Object.assign(clients, { waits });
}

async function errorOf(work: Promise<unknown>): Promise<GantryError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => findError(reason),
  );
  assert.ok(error !== undefined, 'it fails with an error of ours');
  return error;
}

const collect = async (body: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(body)).toString();

test('a manifest is asked for with all its types and our name', async () => {
  await using server = await openLoopback((_, response) => {
    response.writeHead(200, { 'content-type': mediaTypes.ociIndex }).end(manifest);
  });
  await using clients = clientsOf();
  const got = await clients.open(server.host).getManifest('a/b', 'v1');
  assert.deepEqual([got.digest, got.mediaType], [digest, mediaTypes.ociIndex]);
  const { path, headers } = server.seen.at(-1)!;
  assert.equal(path, '/v2/a/b/manifests/v1');
  assert.equal(headers['user-agent'], 'gantry/1.2.3');
  for (const type of [mediaTypes.ociIndex, mediaTypes.dockerManifest])
    assert.ok(headers.accept?.includes(type));
});

test('a page instead of a manifest is an error that names host, status and type', async () => {
  await using server = await openLoopback((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>log in</html>');
  });
  await using clients = clientsOf();
  const registry = clients.open(server.host);
  const error = await errorOf(registry.getManifest('a/b', 'v1'));
  assert.deepEqual([error.kind, error.code], ['corrupt', 'registry-answer']);
  for (const fact of [server.host, '200', 'text/html'])
    assert.ok(error.message.includes(fact), error.message);
  assert.equal((await errorOf(registry.getBlob('a/b', blobDigest))).code, 'registry-answer');
});

test('a page with status 404 is no missing manifest', async () => {
  await using server = await openLoopback((_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<html>nginx</html>');
  });
  await using clients = clientsOf();
  assert.equal((await errorOf(clients.open(server.host).getManifest('a/b', 'v1'))).code, 'registry-answer');
});

test('a manifest without end is cut off', async () => {
  await using server = await openLoopback((_, response) => {
    response.writeHead(200, { 'content-type': mediaTypes.ociIndex });
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
    };
    response.on('drain', more);
    more();
  });
  await using clients = clientsOf();
  assert.equal((await errorOf(clients.open(server.host).getManifest('a/b', 'v1'))).code, 'registry-answer');
});

test('bytes that are not those of the digest are refused', async () => {
  await using server = await openLoopback((_, response) => {
    response
      .writeHead(200, { 'content-type': mediaTypes.ociIndex, 'docker-content-digest': digest })
      .end('{}');
  });
  await using clients = clientsOf();
  for (const reference of [digest, 'v1']) {
    const error = await errorOf(clients.open(server.host).getManifest('a/b', reference));
    assert.deepEqual([error.kind, error.code], ['corrupt', 'manifest-digest']);
    assert.match(error.message, /^manifest verification failed for digest sha256:/);
  }
});

test('the type of a manifest is read from it when the server gives a general one', async () => {
  await using server = await openLoopback((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(manifest);
  });
  await using clients = clientsOf();
  assert.equal((await clients.open(server.host).getManifest('a/b', 'v1')).mediaType, mediaTypes.ociIndex);
});

test('a head that says too little, or is not supported, is made up for by the manifest', async () => {
  for (const status of [200, 405]) {
    await using server = await openLoopback(({ method }, response) => {
      if (method === 'HEAD') response.writeHead(status).end();
      else response.writeHead(200, { 'content-type': mediaTypes.ociIndex }).end(manifest);
    });
    await using clients = clientsOf();
    assert.deepEqual(await clients.open(server.host).headManifest('a/b', 'v1'), {
      mediaType: mediaTypes.ociIndex,
      digest,
      size: manifest.length,
    });
  }
});

test('the registry’s own words are kept', async () => {
  await using server = await openLoopback((_, response) => {
    sendJson(response, 404, {
      errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known to registry' }],
    });
  });
  await using clients = clientsOf();
  const error = await errorOf(clients.open(server.host).getManifest('a/b', 'v1'));
  assert.deepEqual([error.kind, error.code], ['not-found', 'name-unknown']);
  assert.deepEqual(error.subject, {
    registry: server.host,
    status: 404,
    registryCode: 'NAME_UNKNOWN',
    registryMessage: 'repository name not known to registry',
  });
});

test('a registry that limits the rate is asked again when it says so', async () => {
  let asked = 0;
  await using server = await openLoopback(({ path }, response) => {
    if (path !== '/v2/' && asked++ < 2) sendJson(response, 429, {}, { 'retry-after': '7' });
    else response.writeHead(200, { 'content-type': mediaTypes.ociIndex }).end(manifest);
  });
  await using clients = clientsOf();
  assert.equal((await clients.open(server.host).getManifest('a/b', 'v1')).digest, digest);
  assert.deepEqual(clients.waits, [7000, 7000]);
});

test('a limit that lasts for hours is an error at once, with the time to wait', async () => {
  await using server = await openLoopback((_, response) => {
    sendJson(
      response,
      429,
      { errors: [{ code: 'TOOMANYREQUESTS', message: 'pull rate limit' }] },
      { 'retry-after': '21600' },
    );
  });
  await using clients = clientsOf();
  const error = await errorOf(clients.open(server.host).getManifest('a/b', 'v1'));
  assert.deepEqual([error.kind, error.code], ['resource-exhausted', 'registry-rate-limited']);
  assert.equal(error.subject['retryAfter'], 21_600);
  assert.deepEqual(clients.waits, []);
});

test('a failing registry is asked five times, with growing waits', async () => {
  await using server = await openLoopback((_, response) => void response.writeHead(503).end());
  await using clients = clientsOf();
  const error = await errorOf(clients.open(server.host).getManifest('a/b', 'v1'));
  assert.deepEqual([error.kind, error.code], ['unavailable', 'registry-failed']);
  assert.deepEqual(clients.waits, [500, 1000, 2000, 4000]);
});

test('where nobody listens it fails at once, in the words of Docker', async () => {
  await using clients = clientsOf();
  const error = await errorOf(clients.open('127.0.0.1:1').getManifest('a/b', 'v1'));
  assert.deepEqual([error.kind, error.code], ['unavailable', 'registry-unreachable']);
  assert.equal(
    error.message,
    'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
  );
  assert.deepEqual(clients.waits, []);
});

test('a blob begins where the registry says, whatever was asked', async () => {
  const answers: [number, Record<string, string>, number, number | undefined][] = [
    [206, { 'content-range': 'bytes 4-9/10' }, 4, 10],
    [206, { 'content-range': 'bytes 2-9/*' }, 2, undefined],
    [200, { 'content-length': '10' }, 0, 10],
  ];
  for (const [status, headers, offset, size] of answers) {
    await using server = await openLoopback((_, response) => {
      response.writeHead(status, headers).end(blob.subarray(offset));
    });
    await using clients = clientsOf();
    const got = await clients.open(server.host).getBlob('a/b', blobDigest, { offset: 4 });
    assert.deepEqual([got.offset, got.size], [offset, size]);
    assert.equal(await collect(got.body), blob.subarray(offset).toString());
    assert.equal(server.seen.at(-1)?.headers.range, 'bytes=4-');
  }
});

test('a part that the registry does not place is refused', async () => {
  await using server = await openLoopback((_, response) => void response.writeHead(206).end('x'));
  await using clients = clientsOf();
  const work = clients.open(server.host).getBlob('a/b', blobDigest, { offset: 4 });
  assert.equal((await errorOf(work)).code, 'registry-answer');
});

test('a blob whose line breaks gives what came, and then an error', async () => {
  await using server = await openLoopback((_, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('0123', () => response.destroy());
  });
  await using clients = clientsOf();
  const { body } = await clients.open(server.host).getBlob('a/b', blobDigest);
  const came: Uint8Array[] = [];
  const error = await errorOf(
    (async () => {
      for await (const chunk of body) came.push(chunk);
    })(),
  );
  assert.equal(Buffer.concat(came).toString(), '0123');
  assert.deepEqual([error.kind, error.code], ['unavailable', 'registry-unreachable']);
});

test('content that was encoded on the way is refused', async () => {
  await using server = await openLoopback((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': mediaTypes.ociIndex }).end('x');
  });
  await using clients = clientsOf();
  assert.equal((await errorOf(clients.open(server.host).getManifest('a/b', 'v1'))).code, 'registry-answer');
  assert.equal(server.seen.at(-1)?.headers['accept-encoding'], 'identity');
});

test('aborting ends a body that has stopped coming', async () => {
  await using server = await openLoopback(({ path }, response) => {
    if (path === '/v2/') response.end();
    else response.writeHead(200, { 'content-length': '10' }).write('0123');
  });
  await using clients = clientsOf();
  const stop = new AbortController();
  const { body } = await clients.open(server.host).getBlob('a/b', blobDigest, { signal: stop.signal });
  await assert.rejects(
    async () => {
      for await (const _ of body) stop.abort();
    },
    { name: 'AbortError' },
  );
});
