/**
 * Requests that tell an Engine API from another, with the status, the headers and the body that moby 28.2 answers
 * them. Where Gantry says something else, docs/compatibility.md says why.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { rawExchange } from '../support/raw-exchange.ts';
import { openTestApi } from '../support/test-api.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());

type Ask = NonNullable<Parameters<typeof rawExchange>[2]>;

/** What every answer of a known path has. */
const usual = {
  'api-version': '1.50',
  'docker-experimental': 'false',
  ostype: 'linux',
  server: 'Gantry/1.2.3 (linux)',
  'content-type': 'application/json',
};
const ofNoVersion = { ...usual, 'docker-experimental': undefined };
const bare = {
  ...{ 'api-version': undefined, 'docker-experimental': undefined, ostype: undefined, server: undefined },
  'content-type': 'application/json',
};
const ofPing = {
  ...usual,
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  swarm: 'inactive',
  'builder-version': '1',
};
const asJson = (body: string): Ask => ({ headers: { 'Content-Type': 'application/json' }, body });
const message = (text: string) => `${JSON.stringify({ message: text })}\n`;
const query = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();

type Row = readonly [
  line: string,
  ask: Ask,
  status: number,
  body: string,
  headers?: Readonly<Record<string, string | undefined>>,
];

const create = 'POST /v1.50/containers/create';
const rows: readonly Row[] = [
  ['HEAD /_ping', {}, 200, '', ofPing],
  ['GET /_ping', {}, 200, 'OK', ofPing],
  ['GET /v1.24/_ping', {}, 200, 'OK', ofPing],
  ['GET /v1.50/nope', {}, 404, message('page not found'), bare],
  ['POST /v1.50/version', {}, 404, message('page not found'), bare],
  ['DELETE /v1.50/images', {}, 404, message('page not found'), bare],
  [
    'GET /v1.99/version',
    {},
    400,
    message('client version 1.99 is too new. Maximum supported API version is 1.50'),
    ofNoVersion,
  ],
  [
    'GET /v1.10/version',
    {},
    400,
    'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n',
    {
      ...ofNoVersion,
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    },
  ],
  ['OPTIONS /v1.50/info', {}, 200, '', { ...usual, 'content-type': undefined, 'content-length': '0' }],
  ['GET /v1.50/images/nope/json', {}, 404, message('No such image: nope:latest')],
  ['DELETE /v1.50/images/nope', {}, 404, message('No such image: nope:latest')],
  [
    'POST /v1.50/images/create?fromImage=BAD&tag=x',
    {},
    400,
    message('invalid reference format: repository name (library/BAD) must be lowercase'),
  ],
  [create, {}, 400, message('invalid JSON: got EOF while reading request body')],
  [create, asJson(''), 400, message('invalid JSON: got EOF while reading request body')],
  [create, asJson('{'), 400, message('invalid JSON: unexpected EOF')],
  [
    create,
    { headers: { 'Content-Type': 'text/plain' }, body: '{}' },
    400,
    message("unsupported Content-Type header (text/plain): must be 'application/json'"),
  ],
  [create, asJson('{}'), 400, message('config cannot be empty in order to create a container')],
  ['GET /v1.50/images/json?filters=%7Bbad', {}, 400, message('invalid filter')],
  [
    'POST /v1.50/images/busybox/tag?repo=sha256&tag=x',
    {},
    400,
    message('refusing to create an ambiguous tag using digest algorithm as name'),
  ],
  [
    'POST /v1.50/images/busybox/tag?repo=Foo',
    {},
    400,
    message('invalid reference format: repository name (library/Foo) must be lowercase'),
  ],
  ['GET /v1.50/containers/json?limit=x', {}, 500, message('strconv.Atoi: parsing "x": invalid syntax')],
  [
    'GET /v1.50/containers/nope/logs',
    {},
    400,
    message('Bad parameters: you must choose at least one stream'),
  ],
  ['GET /v1.50/containers/nope/logs?stdout=1', {}, 404, message('No such container: nope')],
  ['POST /v1.50/containers/nope/wait', {}, 404, message('No such container: nope')],
  ['POST /v1.50/containers/nope/wait?condition=bogus', {}, 400, message('invalid condition: "bogus"')],
  ['POST /v1.50/session', {}, 400, message('no upgrade proto in request')],
  [
    'GET /v1.50/swarm',
    {},
    503,
    message(
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    ),
  ],
  ['GET /v1.50/plugins', {}, 200, '[]\n'],
  ['GET /v1.50/system/df?type=bogus', {}, 400, message('unknown object type: bogus')],
  [
    'GET /v1.50/events?since=10&until=1',
    {},
    400,
    message('`since` time (10) cannot be after `until` time (1)'),
  ],
  ['POST /v1.50/containers/prune', {}, 200, '{"ContainersDeleted":null,"SpaceReclaimed":0}\n'],
  ['POST /v1.50/volumes/prune', {}, 200, '{"VolumesDeleted":[],"SpaceReclaimed":0}\n'],
  ['POST /v1.50/networks/prune', {}, 200, '{"NetworksDeleted":null}\n'],
  ['POST /v1.50/images/prune', {}, 200, '{"ImagesDeleted":null,"SpaceReclaimed":0}\n'],
  ['POST /v1.50/build/prune', {}, 200, '{"CachesDeleted":null,"SpaceReclaimed":0}\n'],
  ['GET /v1.50/volumes', {}, 200, '{"Volumes":[],"Warnings":null}\n'],
  [`GET /v1.50/images/json?${query({ filters: '{"label":["a"]}' })}`, {}, 200, '[]\n'],
];

for (const [line, ask, status, body, headers = usual] of rows) {
  test(`${line} ${JSON.stringify(ask.body ?? '')} is answered ${status}, as moby does`, async () => {
    const answer = await rawExchange(api.server, line, ask);
    assert.deepEqual([answer.status, answer.text], [status, body]);
    const expected = {
      ...(line.startsWith('HEAD') ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    };
    const received = Object.fromEntries(Object.keys(expected).map((name) => [name, answer.headers[name]]));
    assert.deepEqual(received, expected);
  });
}

test('the refusals above are no failures of the daemon, but for the status that moby calls one', () => {
  assert.deepEqual(
    api.failures.map((error) => (error as Error).message),
    ['strconv.Atoi: parsing "x": invalid syntax'],
  );
});
