import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { duplexPair } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { findError, GantryError, isAbort } from '#errors';
import { openEngineClient } from './index.ts';

/** A client of a daemon that answers with `listener`, on a connection inside this process. */
async function clientOf(listener: RequestListener, options: { apiVersion?: string } = {}) {
  const server = createServer(listener);
  return openEngineClient({ host: 'inside', connect: () => connectTo(server), ...options });
}

function connectTo(server: Server) {
  const [near, far] = duplexPair();
  server.emit('connection', far);
  return near;
}

async function listenOnSocket(t: TestContext, server: Server): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gantry-client-'));
  const socket = path.join(directory, 'd.sock');
  server.listen(socket);
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  });
  return `unix://${socket}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
}

const pong =
  (listener: RequestListener, version = '1.50'): RequestListener =>
  (request, response) => {
    response.setHeader('Api-Version', version);
    if (request.url === '/_ping') response.end(request.method === 'GET' ? 'OK' : '');
    else listener(request, response);
  };

test('the version is the newest that both sides know, asked for once', async () => {
  const asked: string[] = [];
  const record: RequestListener = (request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.setHeader('Api-Version', '1.41').end();
  };
  const client = await clientOf(record);
  await client.request({ method: 'GET', path: '/info' });
  await client.request({ method: 'GET', path: '/version' });
  assert.equal(client.apiVersion, '1.41');
  assert.deepEqual(asked, ['HEAD /_ping', 'GET /v1.41/info', 'GET /v1.41/version']);
  assert.equal((await clientOf(pong(() => undefined, '1.99'))).apiVersion, '1.50');
  assert.equal((await clientOf((_, response) => response.end())).apiVersion, '1.24');
  assert.equal(
    (
      await clientOf(
        pong(() => undefined),
        { apiVersion: '1.30' },
      )
    ).apiVersion,
    '1.30',
  );
});

test('a daemon that does not know HEAD is asked with GET', async () => {
  const client = await clientOf((request, response) => {
    response.statusCode = request.method === 'HEAD' ? 404 : 200;
    response.setHeader('Api-Version', '1.44').end();
  });
  assert.equal(client.apiVersion, '1.44');
});

test('names keep slashes, colons and at signs, and what would end the path is escaped', async () => {
  let url: string | undefined;
  const client = await clientOf(
    pong((request, response) => {
      url = request.url;
      response.end();
    }),
  );
  await client.request({
    method: 'GET',
    path: '/images/127.0.0.1:5000/a b?#@sha256:00/json',
    query: { names: ['a', 'b&c'], all: true, limit: 5, none: undefined },
  });
  assert.equal(
    url,
    '/v1.50/images/127.0.0.1:5000/a%20b%3F%23@sha256:00/json?names=a&names=b%26c&all=true&limit=5',
  );
});

test('bodies go as JSON or as a stream and come back as JSON, lines or messages', async () => {
  const client = await clientOf(
    pong((request, response) => {
      void textOf(request).then((body) => {
        response.end(`${JSON.stringify({ type: request.headers['content-type'], body })}\r\n`);
      });
    }),
  );
  const send = (more: object) => client.request({ method: 'POST', path: '/x', ...more });
  const asJson = { type: 'application/json', body: '{"a":1}' };
  const asTar = { type: 'application/x-tar', body: 'onetwo' };
  const chunks = async function* () {
    yield Buffer.from('one');
    yield Buffer.from('two');
  };
  assert.deepEqual(await (await send({ json: { a: 1 } })).json(), asJson);
  assert.deepEqual(await Array.fromAsync((await send({ body: chunks() })).lines()), [asTar]);
  assert.deepEqual(await Array.fromAsync((await send({ body: chunks() })).messages()), [asTar]);
});

test("a daemon's refusal has its sentence and the kind of its status", async () => {
  const answers: [status: number, body: string, kind: string, message: RegExp][] = [
    [404, '{"message":"No such image: x:latest"}\n', 'not-found', /^No such image: x:latest$/],
    [409, '{"message":"conflict: in use"}', 'conflict', /^conflict: in use$/],
    [400, 'client version 1.10 is too old\n', 'invalid-argument', /^client version 1.10 is too old$/],
    [418, '{}', 'invalid-argument', /^\{\}$/],
    [500, '', 'internal', /^request returned 500 Internal Server Error for API route and version \/v1.50\/x/],
    [503, '[]', 'unavailable', /^\[\]$/],
  ];
  for (const [status, body, kind, message] of answers) {
    const client = await clientOf(
      pong((_, response) => {
        response.statusCode = status;
        response.end(body);
      }),
    );
    await assert.rejects(client.request({ method: 'GET', path: '/x' }), (error: GantryError) => {
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      assert.equal(error.subject['status'], status);
      return true;
    });
  }
});

test('an error in a stream of messages is thrown after the messages before it', async () => {
  const client = await clientOf(
    pong((_, response) =>
      response.end('{"status":"a"}\r\n{"errorDetail":{"message":"no"},"error":"no"}\r\n'),
    ),
  );
  const answer = await client.request({ method: 'POST', path: '/images/create' });
  const seen: unknown[] = [];
  await assert.rejects(
    async () => {
      for await (const message of answer.messages()) seen.push(message);
    },
    (error) => findError(error, { code: 'daemon-stream-error' })?.message === 'no',
  );
  assert.deepEqual(seen, [{ status: 'a' }]);
});

test('a daemon that is not there, is cut off, or refuses is told apart', async (t) => {
  const host = 'unix:///nowhere/gantry.sock';
  await assert.rejects(openEngineClient({ host }), {
    code: 'daemon-unreachable',
    kind: 'unavailable',
    message: `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`,
  });
  const cut = await listenOnSocket(t, createServer(pong((request) => request.socket.destroy())));
  await using client = await openEngineClient({ host: cut });
  await assert.rejects(client.request({ method: 'GET', path: '/x' }), { code: 'daemon-connection' });
  await assert.rejects(openEngineClient({ host: 'ssh://x' }), { code: 'daemon-host' });
});

test('an answer that breaks off is an error and not an end', async (t) => {
  const host = await listenOnSocket(
    t,
    createServer(
      pong((_, response) => {
        response.write('{"status":"half"}\r\n', () => response.destroy());
      }),
    ),
  );
  await using client = await openEngineClient({ host });
  const answer = await client.request({ method: 'GET', path: '/x' });
  await assert.rejects(Array.fromAsync(answer.messages()), { code: 'daemon-connection' });
});

test('an abort ends the request and its answer, and stays an abort', async (t) => {
  let closed = 0;
  const host = await listenOnSocket(
    t,
    createServer(
      pong((request, response) => {
        response.on('close', () => closed++);
        if (request.url?.endsWith('/stream') === true) response.write('{}\n');
      }),
    ),
  );
  await using client = await openEngineClient({ host });
  await assert.rejects(
    client.request({ method: 'GET', path: '/x', signal: AbortSignal.timeout(20) }),
    (error: Error) => error.name === 'TimeoutError',
  );
  const stop = new AbortController();
  const answer = await client.request({ method: 'GET', path: '/stream', signal: stop.signal });
  await assert.rejects(async () => {
    for await (const _ of answer.lines()) stop.abort();
  }, isAbort);
  while (closed < 2) await new Promise(setImmediate);
});

test('a body that fails ends the request with its own error', async () => {
  const client = await clientOf(pong((request) => request.resume().on('error', () => undefined)));
  const broken = async function* () {
    yield Buffer.from('one');
    throw new GantryError('corrupt', 'test-broken', 'the disk is gone');
  };
  await assert.rejects(client.request({ method: 'POST', path: '/images/load', body: broken() }), {
    code: 'test-broken',
  });
});

test('an answer may come while the body is still on its way', async (t) => {
  const host = await listenOnSocket(
    t,
    createServer(pong((_, response) => response.writeHead(400).end('{"message":"enough"}'))),
  );
  await using client = await openEngineClient({ host });
  const long = async function* () {
    for (let index = 0; index < 64; index++) yield Buffer.alloc(65_536);
  };
  await assert.rejects(client.request({ method: 'POST', path: '/images/load', body: long() }), {
    message: 'enough',
  });
});
