import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLoopback, sendJson } from '../../test/support/loopback.ts';
import { createRegistryClients } from './clients.ts';

const auth = { username: 'me', password: 'x' };

test('a registry that searches is asked by the first protocol', async () => {
  await using server = await openLoopback(({ path }, response) => {
    if (!path.startsWith('/v1/search')) sendJson(response, 404, {});
    else {
      const hit = { name: 'a/b', description: 'B', star_count: 3, is_official: true, is_automated: false };
      sendJson(response, 200, { results: [hit, { name: 'c' }, { description: 'no name' }, null] });
    }
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  assert.deepEqual(await clients.search(server.host, { term: 'library/b&c', limit: 7, auth }), [
    { name: 'a/b', description: 'B', stars: 3, official: true, automated: false },
    { name: 'c', description: '', stars: 0, official: false, automated: false },
  ]);
  const { path, headers } = server.seen.at(-1)!;
  assert.equal(path, '/v1/search?q=b%26c&n=7');
  assert.match(headers.authorization ?? '', /^Basic /);
});

test('an index that stands beside its registry gets no credentials', async () => {
  await using server = await openLoopback((_, response) => {
    sendJson(response, 200, { results: [] }, { 'x-docker-registry-standalone': 'false' });
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  assert.deepEqual(await clients.search(server.host, { term: 'x', limit: 1, auth }), []);
  assert.ok(server.seen.every(({ headers }) => headers.authorization === undefined));
});

test('a registry that does not search says so in the words of Docker', async () => {
  await using server = await openLoopback((_, response) => {
    sendJson(response, 404, {});
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  await assert.rejects(clients.search(server.host, { term: 'x', limit: 1 }), {
    code: 'registry-answer',
    message: 'Unexpected status code 404',
  });
});
