import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '#oci';
import { openLoopback } from '../../test/support/loopback.ts';
import { createRegistryClients } from './clients.ts';
import { createHostRules } from './hosts.ts';
import type { Network } from './network.ts';
import { isAtHome, locate } from './redirect.ts';

const digest = digestOf(Buffer.from('x'));
const credentials = { username: 'me', password: 'secret' };

test('a blob is followed to another host, which gets the range and no credentials', async () => {
  await using storage = await openLoopback(({ headers }, response) => {
    assert.equal(headers.range, 'bytes=4-');
    response.writeHead(206, { 'content-range': 'bytes 4-9/10' }).end('456789');
  });
  await using registry = await openLoopback(({ path, headers }, response) => {
    if (headers.authorization === undefined)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    else if (path.startsWith('/v2/')) response.writeHead(307, { location: '/moved?a=b' }).end();
    else response.writeHead(302, { location: `http://${storage.host}/blob?signature=abc` }).end();
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  const got = await clients.open(registry.host, credentials).getBlob('a/b', digest, { offset: 4 });
  assert.equal(Buffer.concat(await Array.fromAsync(got.body)).toString(), '456789');
  assert.equal(registry.seen.at(-1)?.path, '/moved?a=b');
  assert.ok(registry.seen.at(-1)?.headers.authorization, 'the same host gets them again');
  assert.deepEqual(
    storage.seen.map(({ path, headers }) => [path, headers.authorization]),
    [['/blob?signature=abc', undefined]],
  );
});

test('another host that wants credentials does not get them', async () => {
  await using other = await openLoopback((_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end();
  });
  await using registry = await openLoopback((_, response) => {
    response.writeHead(302, { location: `http://${other.host}/` }).end();
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  const work = clients.open(registry.host, credentials).getBlob('a/b', digest);
  await assert.rejects(work, { code: 'registry-unauthorized' });
  assert.deepEqual(
    other.seen.map(({ headers }) => headers.authorization),
    [undefined],
  );
});

test('redirects in a circle are given up', async () => {
  await using server = await openLoopback(
    (_, response) => void response.writeHead(307, { location: '/' }).end(),
  );
  await using clients = createRegistryClients({ version: '0', env: {} });
  await assert.rejects(clients.open(server.host).getBlob('a/b', digest), {
    code: 'registry-answer',
    message: /one redirect more than 5/,
  });
});

test('nothing leads from https to http but where http is good enough', async () => {
  const network = { hosts: createHostRules({ insecureRegistries: ['plain.example:80'] }) } as Network;
  const from = new URL('https://registry.example/v2/');
  await assert.rejects(locate(network, from, 'http://registry.example/'), { code: 'registry-answer' });
  await assert.rejects(locate(network, from, 'ftp://registry.example/'), { code: 'registry-answer' });
  await assert.rejects(locate(network, from, 'http://'), { code: 'registry-answer' });
  assert.equal((await locate(network, from, 'x?y=z')).href, 'https://registry.example/v2/x?y=z');
  assert.equal((await locate(network, from, 'http://127.0.0.1:5000/')).href, 'http://127.0.0.1:5000/');
});

test('home is the same host and port, and never less protected', () => {
  const home = new URL('https://registry.example/');
  assert.ok(isAtHome(new URL('https://registry.example/x'), home));
  for (const other of [
    'http://registry.example/',
    'https://registry.example:444/',
    'https://x.registry.example/',
  ]) {
    assert.ok(!isAtHome(new URL(other), home), other);
  }
});
