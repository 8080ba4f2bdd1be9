/** Every answer, field by field: its keys, their order and their types, in the versions that changed them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { encodeManifest, mediaTypes } from '#oci';
import { randomImage } from '../support/random-image.ts';
import { rawExchange } from '../support/raw-exchange.ts';
import { openTestApi } from '../support/test-api.ts';
import { store } from '../support/test-engine.ts';
import * as shapes from './shapes.ts';

const api = await openTestApi();
after(() => api[Symbol.asyncDispose]());
const ask = async (line: string, more = {}) => (await rawExchange(api.server, line, more)).lines;

const image = randomImage({ seed: 1 });
await store(api.registry('docker.io'), 'library/one', '1', image);
const began = Date.now() / 1000;
await ask('POST /images/create?fromImage=one&tag=1');
await ask('POST /images/create?fromSrc=-&repo=in', { body: image.tars[0] });
// Without a tag, and without labels.
await ask('POST /images/create?fromSrc=-', { body: image.tars[1] });

for (const version of ['1.24', '1.42', '1.43', '1.44', '1.48', '1.50']) {
  const get = (path: string) => ask(`GET /v${version}${path}`);

  test(`a list of images has the keys of API ${version}`, async () => {
    const [list] = await get('/images/json');
    shapes.assertShape(list, [shapes.imageSummary(version)]);
    assert.equal((list as unknown[]).length, 3);
    const unnamed = (list as { RepoTags: unknown; RepoDigests: unknown }[]).find(
      ({ RepoTags }) => !Array.isArray(RepoTags) || RepoTags.every((tag) => tag === '<none>:<none>'),
    );
    const old = version === '1.24' || version === '1.42';
    assert.deepEqual(
      [unnamed?.RepoTags, unnamed?.RepoDigests],
      old ? [['<none>:<none>'], ['<none>@<none>']] : [[], []],
    );
  });

  test(`an inspected image has the keys of API ${version}`, async () => {
    const [inspected] = await get('/images/one:1/json');
    shapes.assertShape(inspected, shapes.imageInspect(version));
  });

  test(`the disk usage has the keys of API ${version}`, async () => {
    const [usage] = await get('/system/df');
    shapes.assertShape(usage, shapes.diskUsage(version));
  });

  test(`history, version, info, networks and volumes have their keys in API ${version}`, async () => {
    shapes.assertShape((await get('/images/one:1/history'))[0], [shapes.historyItem]);
    shapes.assertShape((await get('/version'))[0], shapes.versionAnswer);
    shapes.assertShape((await get('/info'))[0], shapes.infoAnswer);
    shapes.assertShape((await get('/networks'))[0], [shapes.network]);
    shapes.assertShape((await get('/volumes'))[0], shapes.volumes);
  });

  test(`events have their keys in API ${version}`, async () => {
    const until = (Date.now() / 1000 + 0.001).toFixed(3);
    const events = await get(`/events?since=${began.toFixed(3)}&until=${until}`);
    shapes.assertShape(events, [shapes.imageEvent]);
  });
}

test('manifests are listed and inspected in one shape, and their sizes are those of the bytes', async () => {
  const [list] = (await ask('GET /images/json?manifests=1')) as [{ Id: string; Manifests: unknown[] }[]];
  for (const { Manifests } of list) shapes.assertShape(Manifests, [shapes.manifestSummary]);
  const [inspected] = (await ask('GET /images/one:1/json?manifests=1')) as [{ Manifests: unknown[] }];
  const pulled = list.find(({ Id }) => Id === image.imageId);
  assert.deepEqual(inspected.Manifests, pulled?.Manifests);
  const { manifest, config, layers } = image.descriptors;
  const Content = [manifest, config, ...layers].reduce((sum, { size }) => sum + size, 0);
  const [first] = inspected.Manifests as [{ ID: string; Size: object }];
  assert.deepEqual([first.ID, first.Size], [manifest.digest, { Content, Total: Content }]);
});

test('an index is listed with each of its manifests, those that are not here too', async () => {
  const hub = api.registry('docker.io');
  const amd = randomImage({ seed: 2 });
  const arm = randomImage({ seed: 3, platform: { os: 'linux', architecture: 'arm64' } });
  const proof = randomImage({ seed: 4 });
  const attestation = {
    ...proof.descriptors.manifest,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': amd.descriptors.manifest.digest,
    },
  };
  for (const each of [amd, arm, proof])
    await store(hub, 'library/multi', each.descriptors.manifest.digest, each);
  const manifests = [amd.descriptors.manifest, arm.descriptors.manifest, attestation];
  const bytes = encodeManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests });
  await hub.putManifest('library/multi', '1', { bytes, mediaType: mediaTypes.ociIndex });
  await ask('POST /images/create?fromImage=multi&tag=1');
  const [inspected] = (await ask('GET /images/multi:1/json?manifests=1')) as [
    { Manifests: { Kind: string; Available: boolean; ImageData?: object; AttestationData?: object }[] },
  ];
  assert.deepEqual(
    inspected.Manifests.map(({ Kind, Available, AttestationData }) => [Kind, Available, AttestationData]),
    [
      ['image', true, undefined],
      ['image', false, undefined],
      ['attestation', false, { For: amd.descriptors.manifest.digest }],
    ],
  );
  shapes.assertShape(inspected.Manifests.slice(0, 2), [shapes.manifestSummary]);
});

test('a list that the client has is not sent again, until it changes', async () => {
  const first = await rawExchange(api.server, 'GET /images/json');
  const tag = first.headers.etag ?? '';
  const again = (value: string) =>
    rawExchange(api.server, 'GET /images/json', { headers: { 'If-None-Match': value } });
  for (const value of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
    const answer = await again(value);
    assert.deepEqual([answer.status, answer.text, answer.headers.etag], [304, '', tag]);
  }
  await ask('POST /images/one:1/tag?repo=two');
  assert.equal((await again(tag)).status, 200);
});
