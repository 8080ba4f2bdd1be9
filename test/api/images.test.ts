/** Each status of the endpoints of images, a row each. */
import { after } from 'node:test';
import { encodeManifest, mediaTypes } from '#oci';
import { randomImage } from '../support/random-image.ts';
import { rawExchange } from '../support/raw-exchange.ts';
import { openTestApi } from '../support/test-api.ts';
import { store } from '../support/test-engine.ts';
import { anonymous, message, type Row, testRows } from './rows.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());

const image = randomImage({ seed: 1 });
const hub = api.registry('docker.io');
await store(hub, 'library/one', '1', image);
const { manifest } = image.descriptors;
const index = encodeManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests: [manifest] });
await store(hub, 'library/multi', '1', image);
await hub.putManifest('library/multi', 'all', { bytes: index, mediaType: mediaTypes.ociIndex });
await rawExchange(api.server, 'POST /images/create?fromImage=one&tag=1');

const id = image.imageId;
const short = id.slice('sha256:'.length, 'sha256:'.length + 12);
const arm = '{"os":"linux","architecture":"arm64"}';
const amd = '{"os":"linux","architecture":"amd64"}';
const wrongPlatform = message(
  'image with reference one:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)',
);
const missing = message('No such image: nope:latest');
const ambiguous = message('refusing to create an ambiguous tag using digest algorithm as name');
const upper = message('invalid reference format: repository name (library/BAD) must be lowercase');

const list: readonly Row[] = [
  ['GET /images/json', 200, /^\[\{"Containers":-1,.*\}\]\n$/s],
  ['GET /images/json?all=1&shared-size=1', 200, /"SharedSize":0/],
  ['GET /images/json?manifests=1', 200, /"Manifests":\[\{"ID":"sha256:/],
  ['GET /v1.46/images/json?manifests=1', 200, /^(?!.*Manifests)/s],
  ['GET /images/json?filters={"before":["nope"]}', 404, missing],
  ['GET /images/json?filters={"since":["nope"]}', 404, missing],
  ['GET /images/json?filters={"since":["one:1"]}', 200, '[]\n'],
  ['GET /images/json?filters={"bogus":["1"]}', 400, message("invalid filter 'bogus'")],
  ['GET /images/json?filters={"dangling":["maybe"]}', 400, message("invalid filter 'dangling=[maybe]'")],
  ['GET /images/json?filters={"until":["yesterday"]}', 400, /"message":/],
  ['GET /images/json?filters={"reference":["on*:1","nope"]}', 200, /"RepoTags":\["one:1"\]/],
];

const inspect: readonly Row[] = [
  ['GET /images/one:1/json', 200, new RegExp(`^{"Id":"${id}"`)],
  [`GET /images/${id}/json`, 200, /"RepoTags":\["one:1"\]/],
  [`GET /images/${short}/json`, 200, /"RepoTags":\["one:1"\]/],
  [`GET /images/docker.io/library/one:1/json`, 200, /"RepoTags":\["one:1"\]/],
  [`GET /images/one@${manifest.digest}/json`, 200, /"RepoTags":\["one:1"\]/],
  ['GET /images/one:1/json?manifests=1', 200, /"Kind":"image"/],
  [`GET /images/one:1/json?platform=${amd}`, 200, /"Architecture":"amd64"/],
  [`GET /images/one:1/json?platform=${arm}`, 404, wrongPlatform],
  [`GET /v1.48/images/one:1/json?platform=${arm}`, 200, /"Architecture":"amd64"/],
  ['GET /images/one:1/json?platform={', 400, /"message":"failed to parse platform: /],
  ['GET /images/nope/json', 404, missing],
  ['GET /images/BAD/json', 400, upper],
  ['GET /images/one:1/history', 200, new RegExp(`"Id":"${id}".*"Id":"<missing>"`)],
  [`GET /images/one:1/history?platform=${arm}`, 404, wrongPlatform],
  ['GET /images/nope/history', 404, missing],
];

const names: readonly Row[] = [
  ['POST /images/one:1/tag?repo=docker.io/library/two&tag=2', 201, ''],
  ['POST /images/one:1/tag?repo=two', 201, ''],
  ['POST /images/one:1/tag?repo=sha256&tag=x', 400, ambiguous],
  ['POST /images/one:1/tag?repo=BAD', 400, upper],
  [`POST /images/one:1/tag?repo=two@${manifest.digest}`, 400, message('cannot import digest reference')],
  ['POST /images/nope/tag?repo=x', 404, missing],
];

const transfers: readonly Row[] = [
  ['POST /images/create', 400, /"message":/],
  ['POST /images/create?fromImage=one&tag=1', 200, /Status: Image is up to date for one:1"\}\r\n$/],
  ['POST /images/create?fromImage=BAD&tag=1', 400, upper],
  [
    'POST /images/create?fromImage=one&tag=1&platform=foo',
    400,
    message('"foo": unknown operating system or architecture: invalid argument'),
  ],
  ['POST /images/create?fromImage=scratch&tag=1', 403, message("'scratch' is a reserved name")],
  [
    'POST /images/create?fromImage=one&tag=nope',
    404,
    /^\{"message":"manifest for one:nope not found: manifest unknown: /,
  ],
  [
    'POST /images/create?fromImage=multi&tag=all&platform=linux/arm64',
    404,
    message('no matching manifest for linux/arm64 in the manifest list entries'),
  ],
  [
    'POST /images/create?fromImage=one&tag=1&platform=linux/arm64',
    200,
    /WARNING: image with reference one:1 was found but its platform \(linux\/amd64\)/,
  ],
  [
    'POST /images/create?fromSrc=-&repo=in',
    200,
    /\{"status":"sha256:[0-9a-f]{64}"\}\r\n$/,
    { body: image.tars[0]! },
  ],
  [
    `POST /images/create?fromSrc=-&repo=in@${manifest.digest}`,
    400,
    message('cannot import digest reference'),
    { body: image.tars[0]! },
  ],
  [
    'POST /images/create?fromSrc=-&changes=RUN x',
    400,
    message('RUN is not a valid change command'),
    { body: image.tars[0]! },
  ],
  [
    'POST /images/create?fromSrc=-&platform=windows/amd64',
    400,
    message('operating system is not supported'),
    { body: image.tars[0]! },
  ],
  [
    'POST /images/one/push?tag=1',
    400,
    message('bad parameters and missing X-Registry-Auth: invalid X-Registry-Auth header: EOF'),
  ],
  ['POST /images/one/push?tag=1', 200, /"aux":\{"Tag":"1","Digest":"sha256:/, anonymous],
  ['POST /images/one/push', 200, /"aux":\{"Tag":"1","Digest":"sha256:/, anonymous],
  ['POST /images/one/push?tag=zz', 200, /"error":"tag does not exist: one:zz"\}\r\n$/, anonymous],
  [`POST /images/one/push?tag=1&platform=${arm}`, 404, wrongPlatform, anonymous],
  ['POST /images/BAD/push?tag=1', 400, upper, anonymous],
  ['GET /images/get?names=one:1&names=two:2', 200, /oci-layout/],
  ['GET /images/nope/get', 404, message('No such image: nope')],
  [
    `GET /images/one:1/get?platform=${arm}&platform=${amd}`,
    400,
    message('multiple platform parameters not supported'),
  ],
  // moby answers 500, though it is the client who asks for what is not there.
  [
    `GET /images/one:1/get?platform=${arm}`,
    404,
    message('no suitable export target found for platform linux/arm64'),
  ],
  ['POST /images/load?quiet=1', 200, /^\{"errorDetail":\{"message":/, { body: 'junk' }],
  [
    `POST /images/load?platform=${arm}&platform=${amd}`,
    400,
    message('multiple platform parameters not supported'),
    { body: 'junk' },
  ],
  ['GET /distribution/one:1/json', 200, /"Platforms":\[\{"architecture":"amd64","os":"linux"\}\]/],
  ['GET /distribution/multi:all/json', 200, /"mediaType":"application\/vnd.oci.image.index/],
  ['GET /distribution/BAD/json', 400, upper],
  ['GET /distribution/nope/json', 404, /unknown/],
];

const search: readonly Row[] = [
  ['GET /images/search?term=x', 200, '[]\n'],
  ['GET /images/search?term=x&filters={"is-automated":["true"]}', 200, '[]\n'],
  ['GET /images/search?term=x&limit=0', 200, '[]\n'],
  ['GET /images/search?term=x&limit=101', 400, message('limit 101 is outside the range of [1, 100]')],
  ['GET /images/search?term=x&limit=-1', 400, message('limit -1 is outside the range of [1, 100]')],
  ['GET /images/search?term=x&limit=y', 400, message('strconv.Atoi: parsing "y": invalid syntax')],
  ['GET /images/search?term=x&filters={"bogus":["1"]}', 400, message("invalid filter 'bogus'")],
  ['GET /images/search?term=x&filters={"stars":["many"]}', 400, message("invalid filter 'stars=[many]'")],
  [
    'GET /images/search?term=https://x',
    400,
    message('invalid repository name: repository name (https://x) should not have a scheme'),
  ],
];

const removals: readonly Row[] = [
  ['DELETE /images/%20', 400, message('image name cannot be blank')],
  ['DELETE /images/', 400, message('image name cannot be blank')],
  ['DELETE /images/nope', 404, missing],
  ['DELETE /images/nope?force=1', 404, missing],
  [
    `DELETE /images/one:1?platforms=${arm}&platforms=${amd}`,
    400,
    message('multiple platforms are not supported'),
  ],
  [`DELETE /images/one:1?platforms=${arm}`, 404, wrongPlatform],
  [
    `DELETE /images/${id}`,
    409,
    message(
      `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
    ),
  ],
  ['DELETE /images/two:2', 200, '[{"Untagged":"two:2"}]\n'],
  [`DELETE /images/${id}?force=1`, 200, new RegExp(`\\{"Deleted":"${id}"\\}`)],
  ['POST /images/prune?filters={"until":["1h","2h"]}', 400, /"message":/],
  ['POST /images/prune?filters={"bogus":["1"]}', 400, message("invalid filter 'bogus'")],
  ['POST /images/prune?filters={"dangling":["0"]}', 200, /^\{"ImagesDeleted":\[.*"SpaceReclaimed":\d+\}\n$/],
  ['POST /images/prune', 200, '{"ImagesDeleted":null,"SpaceReclaimed":0}\n'],
];

testRows(api.server, [...list, ...inspect, ...names, ...transfers, ...search, ...removals]);
