/** Each status of the endpoints that are not of images, a row each: the system, and what Gantry has none of. */
import { after } from 'node:test';
import { openTestApi } from '../support/test-api.ts';
import { asJson, message, type Row, testRows } from './rows.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());

const right = '{"username":"me","password":"right","serveraddress":"https://127.0.0.1:5000/v2/"}';
const noContainer = message('No such container: nope');
const asText = { headers: { 'Content-Type': 'text/plain' }, body: '{}' };
const notManager = /^\{"message":"This node is not a swarm manager\. /;
const offered = /^\{"message":"Gantry keeps images and does not /;

const system: readonly Row[] = [
  ['GET /version', 200, /"ApiVersion":"1\.50","MinAPIVersion":"1\.24"/],
  ['GET /v1.24/version', 200, /"Version":"1\.2\.3"/],
  ['GET /v1.23/version', 400, /^client version 1\.23 is too old\. Minimum supported API version is 1\.24, /],
  ['GET /v1.51/version', 400, /^\{"message":"client version 1\.51 is too new\. /],
  ['GET /info', 200, /"ServerVersion":"1\.2\.3"/],
  ['GET /system/df', 200, '{"LayersSize":0,"Images":[],"Containers":[],"Volumes":[],"BuildCache":[]}\n'],
  [
    'GET /system/df?type=image&type=volume',
    200,
    '{"LayersSize":0,"Images":[],"Containers":null,"Volumes":[],"BuildCache":null}\n',
  ],
  ['GET /v1.41/system/df?type=bogus', 200, /"Volumes":\[\]/],
  ['GET /system/df?type=bogus', 400, message('unknown object type: bogus')],
  ['GET /events?since=1&until=2', 200, ''],
  ['GET /events?since=2&until=1', 400, message('`since` time (2) cannot be after `until` time (1)')],
  ['GET /events?since=1&until=2&filters={', 400, message('invalid filter')],
  ['POST /auth', 200, '{"Status":"Login Succeeded","IdentityToken":""}\n', asJson(right)],
  ['POST /auth', 401, /unauthorized: incorrect username or password/, asJson(right.replace('right', 'x'))],
  ['POST /auth', 400, message('invalid JSON: unexpected EOF'), asJson('{')],
  ['OPTIONS /anything', 200, ''],
];

const containers: readonly Row[] = [
  ['GET /containers/json?all=1&limit=3', 200, '[]\n'],
  ['GET /containers/json?filters={"status":["running"]}', 200, '[]\n'],
  ['GET /containers/json?filters={"bogus":["1"]}', 400, message("invalid filter 'bogus'")],
  ['GET /containers/nope/json', 404, noContainer],
  ['GET /containers/nope', 404, message('page not found')],
  ['HEAD /containers/nope/archive?path=/', 404, ''],
  ['PUT /containers/nope/archive?path=/', 404, noContainer, { body: 'x' }],
  ...[
    'GET /containers/nope/top',
    'GET /containers/nope/changes',
    'GET /containers/nope/export',
    'GET /containers/nope/stats',
    'GET /containers/nope/attach/ws',
    'GET /containers/nope/archive?path=/',
    'POST /containers/nope/start',
    'POST /containers/nope/stop',
    'POST /containers/nope/restart',
    'POST /containers/nope/kill',
    'POST /containers/nope/pause',
    'POST /containers/nope/unpause',
    'POST /containers/nope/resize?h=1&w=1',
    'POST /containers/nope/rename?name=x',
    'POST /containers/nope/update',
  ].map((line): Row => [line, 404, noContainer]),
  ['POST /containers/nope/attach?stream=1', 404, noContainer],
  ['POST /containers/nope/exec', 404, noContainer, asJson('{"Cmd":["sh"]}')],
  ['DELETE /containers/nope?force=1', 404, noContainer],
  ['POST /containers/create', 501, offered, asJson('{"Image":"one"}')],
  [
    'POST /containers/create',
    400,
    message("unsupported Content-Type header (text/plain): must be 'application/json'"),
    asText,
  ],
  [
    'POST /containers/create',
    400,
    message('malformed Content-Type header (x): mime: expected slash after first token'),
    { headers: { 'Content-Type': 'x' }, body: '{}' },
  ],
  ['POST /containers/create', 400, message('unexpected content after JSON'), asJson('{} x')],
  ['POST /containers/prune?filters={"until":["1h"]}', 200, /"ContainersDeleted":null/],
  ['GET /exec/nope/json', 404, message('No such exec instance: nope')],
  ['POST /exec/nope/start', 404, message('No such exec instance: nope'), asJson('{}')],
  ['POST /exec/nope/resize?h=1&w=1', 404, message('No such exec instance: nope')],
  ['POST /commit?container=nope', 404, noContainer],
  [
    `POST /commit?container=nope&repo=x@sha256:${'0'.repeat(64)}`,
    400,
    message('cannot import digest reference'),
  ],
];

const others: readonly Row[] = [
  ['GET /networks', 200, /"Name":"none".*"Name":"host".*"Name":"bridge"/],
  ['GET /networks?filters={"name":["bridge"]}', 200, /^\[\{"Name":"bridge"[^\]]*\]\n$/],
  ['GET /networks?filters={"bogus":["1"]}', 400, message("invalid filter 'bogus'")],
  ['GET /networks/bridge', 200, /"Driver":"bridge"/],
  ['GET /networks/nope', 404, message('network nope not found')],
  ['DELETE /networks/bridge', 403, message('bridge is a pre-defined network and cannot be removed')],
  ['DELETE /networks/nope', 404, message('network nope not found')],
  ['POST /networks/bridge/connect', 404, noContainer, asJson('{"Container":"nope"}')],
  ['POST /networks/nope/disconnect', 404, message('network nope not found'), asJson('{"Container":"x"}')],
  ['POST /networks/create', 501, offered, asJson('{"Name":"n"}')],
  ['POST /networks/prune?filters={"until":["1h"]}', 200, '{"NetworksDeleted":null}\n'],
  ['GET /volumes?filters={"dangling":["true"]}', 200, '{"Volumes":[],"Warnings":null}\n'],
  ['GET /volumes?filters={"bogus":["1"]}', 400, message("invalid filter 'bogus'")],
  ['GET /volumes/v1', 404, message('get v1: no such volume')],
  ['DELETE /volumes/v1', 404, message('get v1: no such volume')],
  ['DELETE /volumes/v1?force=1', 204, ''],
  ['POST /volumes/create', 501, offered, asJson('{"Name":"v"}')],
  ['POST /volumes/prune?filters={"all":["1"]}', 200, '{"VolumesDeleted":[],"SpaceReclaimed":0}\n'],
  ['GET /plugins', 200, '[]\n'],
  ['GET /plugins/nope/json', 404, message('plugin "nope" not found')],
  ['POST /build/prune?filters=', 200, '{"CachesDeleted":null,"SpaceReclaimed":0}\n'],
  ['POST /build', 501, offered, { body: 'x' }],
  ['POST /session', 400, message('no upgrade proto in request')],
  ...['GET /swarm', 'GET /nodes', 'GET /services', 'GET /tasks', 'GET /secrets', 'GET /configs'].map(
    (line): Row => [line, 503, notManager],
  ),
];

testRows(api.server, [...system, ...containers, ...others]);
