import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { rawExchange, testExchanges } from '../../test/support/raw-exchange.ts';
import { openTestApi } from '../../test/support/test-api.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());
const ask = (line: string, more = {}) => rawExchange(api.server, line, more);
const asJson = (body: string) => ({ headers: { 'Content-Type': 'application/json' }, body });

testExchanges(api.server, [
  ['GET /_ping', {}, 200, 'OK'],
  ['HEAD /_ping', {}, 200, ''],
  ['OPTIONS /v1.50/info', {}, 200, ''],
  ['GET /v1.50/nope', {}, 404, '{"message":"page not found"}\n'],
  ['POST /v1.50/version', {}, 404, '{"message":"page not found"}\n'],
  ['DELETE /v1.50/images', {}, 404, '{"message":"page not found"}\n'],
  [
    'GET /v1.99/version',
    {},
    400,
    '{"message":"client version 1.99 is too new. Maximum supported API version is 1.50"}\n',
  ],
  [
    'GET /v1.10/version',
    {},
    400,
    'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n',
  ],
  ['GET /v1.50/images/nope/json', {}, 404, '{"message":"No such image: nope:latest"}\n'],
  [
    'GET /images/127.0.0.1:5000/t/json/json',
    {},
    404,
    '{"message":"No such image: 127.0.0.1:5000/t/json:latest"}\n',
  ],
  ['GET /images/a%2Fb/history', {}, 404, '{"message":"No such image: a/b:latest"}\n'],
  ['GET /images/%zz/json', {}, 400, '{"message":"\\"%zz\\" in the path is not percent-encoded text"}\n'],
  ['DELETE /v1.50/images/nope', {}, 404, '{"message":"No such image: nope:latest"}\n'],
  ['DELETE /v1.50/images/%20', {}, 400, '{"message":"image name cannot be blank"}\n'],
  [
    'DELETE /images/x?platforms={"os":"a","architecture":"b"}&platforms={"os":"a","architecture":"c"}',
    {},
    400,
    '{"message":"multiple platforms are not supported"}\n',
  ],
  [
    'POST /v1.50/images/create?fromImage=BAD&tag=x',
    {},
    400,
    '{"message":"invalid reference format: repository name (library/BAD) must be lowercase"}\n',
  ],
  ['POST /images/create?fromImage=scratch&tag=x', {}, 403, `{"message":"'scratch' is a reserved name"}\n`],
  [
    'POST /images/create?fromImage=x&tag=1&platform=foo',
    {},
    400,
    '{"message":"\\"foo\\": unknown operating system or architecture: invalid argument"}\n',
  ],
  ['GET /v1.50/images/json?filters=%7Bbad', {}, 400, '{"message":"invalid filter"}\n'],
  ['GET /images/json?filters={"bogus":["1"]}', {}, 400, `{"message":"invalid filter 'bogus'"}\n`],
  [
    'GET /images/json?filters={"dangling":{"maybe":true}}',
    {},
    400,
    `{"message":"invalid filter 'dangling=[maybe]'"}\n`,
  ],
  ['GET /images/json?filters={"before":["nope"]}', {}, 404, '{"message":"No such image: nope:latest"}\n'],
  ['GET /images/json?filters={"label":["a"]}', {}, 200, '[]\n'],
  ['GET /images/get?names=nope', {}, 404, '{"message":"No such image: nope"}\n'],
  [
    'GET /images/x/get?platform={"os":"a","architecture":"b"}&platform={"os":"a","architecture":"c"}',
    {},
    400,
    '{"message":"multiple platform parameters not supported"}\n',
  ],
  [
    'GET /images/x/get?platform={"variant":"v8"}',
    {},
    400,
    '{"message":"optional platform fields provided, but OS and Architecture are missing"}\n',
  ],
  ['GET /images/x/get?platform={}', {}, 400, '{"message":"both OS and Architecture must be provided"}\n'],
  [
    'GET /images/x/json?manifests=1&platform={"os":"linux","architecture":"amd64"}',
    {},
    400,
    '{"message":"conflicting options: manifests and platform options cannot both be set"}\n',
  ],
  [
    'POST /images/x/push?tag=1',
    {},
    400,
    '{"message":"bad parameters and missing X-Registry-Auth: invalid X-Registry-Auth header: EOF"}\n',
  ],
  ['POST /images/nope/tag?repo=x', {}, 404, '{"message":"No such image: nope:latest"}\n'],
  [
    'GET /images/search?term=x&limit=101',
    {},
    400,
    '{"message":"limit 101 is outside the range of [1, 100]"}\n',
  ],
  [
    'GET /images/search?term=http://x',
    {},
    400,
    '{"message":"invalid repository name: repository name (http://x) should not have a scheme"}\n',
  ],
  ['GET /images/search?term=x', {}, 200, '[]\n'],
  ['POST /images/prune', {}, 200, '{"ImagesDeleted":null,"SpaceReclaimed":0}\n'],
  ['GET /system/df?type=bogus', {}, 400, '{"message":"unknown object type: bogus"}\n'],
  [
    'GET /events?since=10&until=1',
    {},
    400,
    '{"message":"`since` time (10) cannot be after `until` time (1)"}\n',
  ],
  ['GET /events?since=1&until=2', {}, 200, ''],
  [
    'POST /auth',
    asJson('{"username":"me","password":"right"}'),
    200,
    '{"Status":"Login Succeeded","IdentityToken":""}\n',
  ],
  [
    'POST /auth',
    asJson('{"username":"me","password":"wrong","serveraddress":"https://127.0.0.1:5000/v2/"}'),
    401,
    '{"message":"Get \\"https://127.0.0.1:5000/v2/\\": unauthorized: incorrect username or password"}\n',
  ],
]);

test('every answer below a known path names the API, and JSON has its type without a charset', async () => {
  const { headers } = await ask('GET /v1.50/images/nope/json');
  assert.equal(headers['api-version'], '1.50');
  assert.equal(headers['docker-experimental'], 'false');
  assert.equal(headers['ostype'], 'linux');
  assert.equal(headers['server'], 'Gantry/1.2.3 (linux)');
  assert.equal(headers['content-type'], 'application/json');
});

test('an unknown path, and a version that is not served, leave headers out as moby does', async () => {
  const unknown = (await ask('GET /v1.50/nope')).headers;
  assert.equal(unknown['api-version'], undefined);
  assert.equal(unknown['content-type'], 'application/json');
  const newer = (await ask('GET /v1.99/version')).headers;
  assert.equal(newer['api-version'], '1.50');
  assert.equal(newer['docker-experimental'], undefined);
  const older = (await ask('GET /v1.10/version')).headers;
  assert.equal(older['content-type'], 'text/plain; charset=utf-8');
  assert.equal(older['x-content-type-options'], 'nosniff');
});

test('a ping tells what clients ask for before anything else, with HEAD and GET alike', async () => {
  for (const method of ['HEAD', 'GET']) {
    const { headers } = await ask(`${method} /_ping`);
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-cache, no-store, must-revalidate');
    assert.equal(headers['swarm'], 'inactive');
    assert.equal(headers['builder-version'], '1');
  }
});

test('a request to upgrade is answered like any other', async () => {
  const headers = { Connection: 'Upgrade', Upgrade: 'tcp' };
  const answer = await ask('POST /v1.50/containers/nope/attach?stream=1', { headers });
  assert.equal(answer.status, 404);
  assert.equal(answer.text, '{"message":"No such container: nope"}\n');
});

test('a form in the body stands beside the query, and before it', async () => {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const answer = await ask('POST /images/create?fromImage=good', { headers, body: 'fromImage=BAD' });
  assert.match(answer.text, /repository name \(library\/BAD\) must be lowercase/);
});

test('booleans are words, and filters come in two forms', async () => {
  const many = await ask(
    `POST /images/prune?filters=${encodeURIComponent('{"dangling":{"0":true},"until":["1h"]}')}`,
  );
  assert.equal(many.status, 200);
  const untils = encodeURIComponent('{"until":["1h","2h"]}');
  assert.equal((await ask(`POST /images/prune?filters=${untils}`)).status, 400);
});

test('version and info tell the truth of this daemon under the names that clients look for', async () => {
  const version = (await ask('GET /version')).lines[0] as Record<string, unknown>;
  assert.equal(version['Version'], '1.2.3');
  assert.equal(version['ApiVersion'], '1.50');
  assert.equal(version['MinAPIVersion'], '1.24');
  const [engine] = version['Components'] as { Name: string; Details: Record<string, string> }[];
  assert.equal(engine?.Name, 'Engine');
  const details = [
    'ApiVersion',
    'Arch',
    'BuildTime',
    'Experimental',
    'GitCommit',
    'GoVersion',
    'KernelVersion',
  ];
  assert.deepEqual(Object.keys(engine.Details).sort(), [...details, 'MinAPIVersion', 'Os']);
  const info = (await ask('GET /info')).lines[0] as Record<string, unknown>;
  for (const key of [
    'ID',
    'LoggingDriver',
    'OperatingSystem',
    'NCPU',
    'Architecture',
    'MemTotal',
    'KernelVersion',
  ]) {
    assert.ok(info[key], key);
  }
  assert.equal(info['ServerVersion'], '1.2.3');
  assert.equal(info['DockerRootDir'], '/the/root');
});

test('a refusal is no failure', () => {
  assert.deepEqual(api.failures, []);
});
