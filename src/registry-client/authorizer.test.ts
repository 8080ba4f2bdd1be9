import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import { mediaTypes, digestOf } from '#oci';
import { openLoopback, sendJson, type Loopback } from '../../test/support/loopback.ts';
import { createRegistryClients } from './clients.ts';

const credentials = { username: 'me', password: 'p:w' };
const basic = `Basic ${Buffer.from('me:p:w').toString('base64')}`;

/** A registry and its token service, which counts its tokens. `good` says which are taken. */
async function openGuarded(
  good: (token: string) => boolean = () => true,
  answer: object = {},
): Promise<Loopback> {
  let issued = 0;
  return openLoopback(({ path, headers }, response) => {
    const { host = '' } = headers;
    if (path.startsWith('/token')) {
      sendJson(response, 200, { token: `t${++issued}`, ...answer });
      return;
    }
    const token = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1];
    if (token !== undefined && good(token)) {
      response
        .writeHead(200, { 'content-type': mediaTypes.ociIndex, 'docker-distribution-api-version': 'x' })
        .end('{}');
      return;
    }
    const scope = path === '/v2/' ? '' : ',scope="repository:a/b:pull"';
    const challenge = `Bearer realm="http://${host}/token",service="the, service"${scope}`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  });
}

const tokenRequests = ({ seen }: Loopback): URLSearchParams[] =>
  seen
    .filter(({ path }) => path.startsWith('/token'))
    .map(({ path }) => new URLSearchParams(path.split('?')[1]));

test('a token is fetched with the user’s name and password, and used again', async () => {
  await using server = await openGuarded();
  await using clients = createRegistryClients({ version: '0', env: {} });
  const registry = clients.open(server.host, credentials);
  await registry.getManifest('a/b', 'v1');
  await registry.getManifest('a/b', 'v2');
  const [query, ...others] = tokenRequests(server);
  assert.equal(others.length, 0);
  assert.deepEqual(Object.fromEntries(query!), {
    service: 'the, service',
    scope: 'repository:a/b:pull',
    account: 'me',
    client_id: 'docker',
  });
  assert.equal(server.seen.find(({ path }) => path.startsWith('/token'))?.headers.authorization, basic);
  assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer t1');
});

test('requests at once share one token', async () => {
  await using server = await openGuarded();
  await using clients = createRegistryClients({ version: '0', env: {} });
  const registry = clients.open(server.host);
  await Promise.all(['v1', 'v2', 'v3'].map((tag) => registry.getManifest('a/b', tag)));
  assert.equal(tokenRequests(server).length, 1);
});

test('a token that one caller gives up is fetched for the others', async () => {
  let held: (() => void) | undefined;
  await using server = await openLoopback(({ path, headers }, response) => {
    const token = (): void => {
      sendJson(response, 200, { token: 't' });
    };
    if (path.startsWith('/token')) {
      if (held === undefined) held = token;
      else token();
    } else if (headers.authorization !== undefined) {
      response.writeHead(200, { 'content-type': mediaTypes.ociIndex }).end('{}');
    } else {
      const realm = `http://${headers.host ?? ''}/token`;
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end();
    }
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  const registry = clients.open(server.host);
  const stop = new AbortController();
  const first = registry.getManifest('a/b', 'v1', { signal: stop.signal });
  const failed = assert.rejects(first, { message: 'enough' });
  while (held === undefined) await new Promise(setImmediate);
  const second = registry.getManifest('a/b', 'v1');
  stop.abort(new Error('enough'));
  await failed;
  assert.equal((await second).bytes.length, 2);
});

test('each scope has its token, and a mount asks for both repositories', async () => {
  await using server = await openGuarded();
  await using clients = createRegistryClients({ version: '0', env: {} });
  const registry = clients.open(server.host);
  await registry.getManifest('a/b', 'v1');
  await registry.putManifest('a/b', 'v1', { bytes: Buffer.from('{}'), mediaType: mediaTypes.ociIndex });
  await registry.mountBlob('a/b', digestOf(Buffer.from('x')), 'c/d').catch(() => undefined);
  assert.deepEqual(
    tokenRequests(server).map((query) => query.getAll('scope')),
    [
      ['repository:a/b:pull'],
      ['repository:a/b:pull,push'],
      ['repository:a/b:pull,push', 'repository:c/d:pull'],
    ],
  );
});

test('a token lives as long as it says, and a minute when it does not', async () => {
  for (const [answer, lifetime] of [
    [{}, 60],
    [{ expires_in: 10 }, 60],
    [{ expires_in: 300 }, 300],
  ] as const) {
    await using server = await openGuarded(undefined, answer);
    let now = 0;
    await using clients = createRegistryClients({ version: '0', env: {}, clock: () => now });
    const registry = clients.open(server.host);
    for (const seconds of [0, lifetime - 10, lifetime]) {
      now = seconds * 1000;
      await registry.getManifest('a/b', 'v1');
    }
    assert.equal(tokenRequests(server).length, 2, JSON.stringify(answer));
  }
});

test('a token that is refused is replaced once', async () => {
  await using server = await openGuarded((token) => token === 't2');
  await using clients = createRegistryClients({ version: '0', env: {} });
  const registry = clients.open(server.host);
  await assert.rejects(registry.getManifest('a/b', 'v1'), {
    kind: 'unauthorized',
    code: 'registry-unauthorized',
  });
  await registry.getManifest('a/b', 'v1');
  assert.equal(tokenRequests(server).length, 2);
});

test('an identity token is exchanged by POST', async () => {
  await using server = await openGuarded(undefined, { token: undefined, access_token: 'acc' });
  await using clients = createRegistryClients({ version: '0', env: {} });
  await clients.open(server.host, { identityToken: 'refresh me' }).getManifest('a/b', 'v1');
  const post = server.seen.find(({ method }) => method === 'POST');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(post?.body.toString())), {
    grant_type: 'refresh_token',
    refresh_token: 'refresh me',
    client_id: 'docker',
    access_type: 'offline',
    service: 'the, service',
    scope: 'repository:a/b:pull',
  });
  assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer acc');
});

test('a registry token is sent as it is, from the first request on', async () => {
  await using server = await openGuarded();
  await using clients = createRegistryClients({ version: '0', env: {} });
  await clients.open(server.host, { registryToken: 'abc' }).getManifest('a/b', 'v1');
  assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer abc');
  assert.equal(tokenRequests(server).length, 0);
});

test('a token service of another owner gets no credentials, and the error says so', async () => {
  await using foreign = await openLoopback((_, response) => {
    sendJson(response, 401, { details: 'who are you' });
  });
  await using server = await openLoopback((_, response) => {
    const port = foreign.host.split(':')[1] ?? '';
    response.writeHead(401, { 'www-authenticate': `Bearer realm="http://localhost:${port}/token"` }).end();
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  const work = clients.open(server.host, credentials).getManifest('a/b', 'v1');
  await assert.rejects(work, (error: Error) => {
    assert.equal(findError(error)?.code, 'registry-unauthorized');
    assert.match(
      error.message,
      /unauthorized: who are you \(the credentials were not sent to localhost:\d+,/,
    );
    return true;
  });
  assert.deepEqual(
    foreign.seen.map(({ headers }) => headers.authorization),
    [undefined],
  );
  assert.ok(!foreign.seen.some(({ path }) => path.includes('account')), 'not even the name');
});

test('a Basic challenge is answered, and without credentials it is an error in the words of Docker', async () => {
  await using server = await openLoopback(({ headers }, response) => {
    if (headers.authorization === basic)
      response.writeHead(200, { 'content-type': mediaTypes.ociIndex }).end('{}');
    else response.writeHead(401, { 'www-authenticate': 'Negotiate abc==, Basic realm="r"' }).end();
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  assert.equal((await clients.open(server.host, credentials).getManifest('a/b', 'v1')).bytes.length, 2);
  await assert.rejects(clients.open(server.host).getManifest('a/b', 'v1'), {
    code: 'registry-unauthorized',
    message: `Get "http://${server.host}/v2/a/b/manifests/v1": no basic auth credentials`,
  });
  const wrong = clients.open(server.host, { username: 'me', password: 'x' });
  await assert.rejects(wrong.getManifest('a/b', 'v1'), { code: 'registry-unauthorized' });
});

test('a token service that answers no token is an error', async () => {
  for (const answer of [{ token: '' }, { token: 7 }, { token: 'a\r\nb: c' }]) {
    await using server = await openGuarded(undefined, answer);
    await using clients = createRegistryClients({ version: '0', env: {} });
    await assert.rejects(clients.open(server.host).getManifest('a/b', 'v1'), { code: 'registry-answer' });
  }
});

test('a login answers the token that stands for the password', async () => {
  await using server = await openGuarded(undefined, { refresh_token: 'keep me' });
  await using clients = createRegistryClients({ version: '0', env: {} });
  assert.deepEqual(await clients.login(`http://${server.host}/v1/`, credentials), {
    identityToken: 'keep me',
  });
  assert.deepEqual(Object.fromEntries(tokenRequests(server)[0]!), {
    service: 'the, service',
    account: 'me',
    offline_token: 'true',
    client_id: 'docker',
  });
});

test('a login that is refused says so as Docker does', async () => {
  await using hub = await openLoopback(({ path, headers }, response) => {
    if (path.startsWith('/token')) sendJson(response, 401, { details: 'incorrect username or password' });
    else
      response
        .writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host ?? ''}/token"` })
        .end();
  });
  await using plain = await openLoopback((_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  await assert.rejects(clients.login(hub.host, credentials), {
    kind: 'unauthorized',
    message: `Get "http://${hub.host}/v2/": unauthorized: incorrect username or password`,
  });
  await assert.rejects(clients.login(plain.host, credentials), {
    kind: 'unauthorized',
    message: `login attempt to http://${plain.host}/v2/ failed with status: 401 Unauthorized`,
  });
});
