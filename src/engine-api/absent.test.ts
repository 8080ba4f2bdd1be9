import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { rawExchange, testExchanges } from '../../test/support/raw-exchange.ts';
import { openTestApi } from '../../test/support/test-api.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());
const ask = (line: string) => rawExchange(api.server, line);
const asJson = (body: string) => ({ headers: { 'Content-Type': 'application/json' }, body });

testExchanges(api.server, [
  [
    'POST /v1.50/containers/create',
    {},
    400,
    '{"message":"invalid JSON: got EOF while reading request body"}\n',
  ],
  [
    'POST /containers/create',
    asJson(''),
    400,
    '{"message":"invalid JSON: got EOF while reading request body"}\n',
  ],
  ['POST /containers/create', asJson('{'), 400, '{"message":"invalid JSON: unexpected EOF"}\n'],
  ['POST /containers/create', asJson('{"a":"}'), 400, '{"message":"invalid JSON: unexpected EOF"}\n'],
  ['POST /containers/create', asJson('{} {}'), 400, '{"message":"unexpected content after JSON"}\n'],
  [
    'POST /containers/create',
    { headers: { 'Content-Type': 'text/plain' }, body: '{}' },
    400,
    `{"message":"unsupported Content-Type header (text/plain): must be 'application/json'"}\n`,
  ],
  [
    'POST /containers/create',
    asJson('{}'),
    400,
    '{"message":"config cannot be empty in order to create a container"}\n',
  ],
  [
    'POST /containers/create',
    asJson('{"Image":"x"}'),
    501,
    '{"message":"Gantry keeps images and does not run containers"}\n',
  ],
  ['POST /v1.50/containers/nope/wait', {}, 404, '{"message":"No such container: nope"}\n'],
  ['GET /containers/nope/json', {}, 404, '{"message":"No such container: nope"}\n'],
  ['POST /commit?container=nope', {}, 404, '{"message":"No such container: nope"}\n'],
  ['GET /containers/json', {}, 200, '[]\n'],
  ['POST /containers/prune', {}, 200, '{"ContainersDeleted":null,"SpaceReclaimed":0}\n'],
  ['GET /volumes', {}, 200, '{"Volumes":[],"Warnings":null}\n'],
  ['GET /volumes/v1', {}, 404, '{"message":"get v1: no such volume"}\n'],
  ['DELETE /volumes/v1?force=1', {}, 204, ''],
  ['POST /volumes/prune', {}, 200, '{"VolumesDeleted":[],"SpaceReclaimed":0}\n'],
  ['GET /networks/nope', {}, 404, '{"message":"network nope not found"}\n'],
  [
    'DELETE /networks/bridge',
    {},
    403,
    '{"message":"bridge is a pre-defined network and cannot be removed"}\n',
  ],
  ['POST /networks/prune', {}, 200, '{"NetworksDeleted":null}\n'],
  ['GET /plugins', {}, 200, '[]\n'],
  ['GET /plugins/nope/json', {}, 404, '{"message":"plugin \\"nope\\" not found"}\n'],
  ['POST /build/prune?filters=', {}, 200, '{"CachesDeleted":null,"SpaceReclaimed":0}\n'],
  [
    'GET /swarm',
    {},
    503,
    '{"message":"This node is not a swarm manager. Use \\"docker swarm init\\" or \\"docker swarm join\\" to connect this node to swarm and try again."}\n',
  ],
]);

test('networks can be found by id and filter', async () => {
  const all = (await ask('GET /networks')).lines[0] as { Name: string; Id: string }[];
  assert.deepEqual(all.map(({ Name }) => Name).sort(), ['bridge', 'host', 'none']);
  const bridge = all.find(({ Name }) => Name === 'bridge')!;
  assert.match(bridge.Id, /^[0-9a-f]{64}$/);
  assert.deepEqual((await ask(`GET /networks/${bridge.Id.slice(0, 12)}`)).lines, [bridge]);
  const filters = encodeURIComponent('{"driver":{"bridge":true}}');
  assert.deepEqual((await ask(`GET /networks?filters=${filters}`)).lines, [[bridge]]);
});
