import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { digestOf, mediaTypes } from '#oci';
import {
  ask,
  config,
  descriptorOf,
  expectError,
  expectManifest,
  expectStatus,
  fresh,
  imageOf,
  indexOf,
  locationOf,
  pushBlob,
  pushImage,
  putManifest,
  type Check,
  type Made,
  type Target,
} from './target.ts';

const empty = Buffer.from('{}');

/** Manifests: each data set of the conformance suite, pushed, read back and deleted. */
export function manifestCases(check: Check, target: () => Target): void {
  const sets: Record<string, (repository: string) => Promise<Made>> = {
    image: async () => imageOf([]),
    'uncompressed image': async () => imageOf([], { layers: [descriptorOf(config, mediaTypes.ociLayer)] }),
    'docker image': async () =>
      imageOf([], {
        mediaType: mediaTypes.dockerManifest,
        config: descriptorOf(config, mediaTypes.dockerConfig),
        layers: [descriptorOf(config, mediaTypes.dockerLayerGzip)],
      }),
    'large manifest (3.9 MB)': async () =>
      imageOf([], {
        annotations: Object.fromEntries(Array.from({ length: 390 }, (_, n) => [`a${n}`, 'x'.repeat(10_000)])),
      }),
    'image without layers': async () => imageOf([]),
    'data field': async () =>
      imageOf([], {
        config: { ...descriptorOf(empty, mediaTypes.ociEmpty), data: empty.toString('base64') },
      }),
    'custom fields': async () => imageOf([], { 'org.example.own': { a: [1, null] } }),
    'non-distributable layers, which are never pushed': async () =>
      imageOf([], {
        layers: [descriptorOf(randomBytes(9), mediaTypes.ociForeignLayerGzip)],
      }),
    artifact: async () =>
      imageOf([], {
        artifactType: 'application/vnd.example.artifact',
        config: descriptorOf(empty, mediaTypes.ociEmpty),
        layers: [descriptorOf(empty, 'application/vnd.example.data')],
      }),
    'artifact without layers': async () =>
      imageOf([], {
        artifactType: 'application/vnd.example.artifact',
        config: descriptorOf(empty, mediaTypes.ociEmpty),
      }),
    'artifact with a subject': async (repository) => {
      const { bytes, mediaType } = await pushImage(target(), repository);
      return imageOf([], { artifactType: 'a/b', subject: descriptorOf(bytes, mediaType) });
    },
    'index with a subject': async (repository) => {
      const { bytes, mediaType } = await pushImage(target(), repository);
      return indexOf([], { artifactType: 'a/b', subject: descriptorOf(bytes, mediaType) });
    },
    'artifact with a subject that is not here': async () =>
      imageOf([], { subject: descriptorOf(randomBytes(9), mediaTypes.ociManifest) }),
    index: async (repository) => indexOf([await pushImage(target(), repository)]),
    'nested index': async (repository) => {
      const inner = indexOf([await pushImage(target(), repository)]);
      expectStatus(await putManifest(target(), repository, inner.digest, inner), 201);
      return indexOf([inner]);
    },
    'empty index': async () => indexOf([]),
    'artifact index': async (repository) =>
      indexOf([await pushImage(target(), repository)], { artifactType: 'application/vnd.example.list' }),
  };

  for (const [name, make] of Object.entries(sets)) {
    check(`manifest: ${name}, pushed, pulled and deleted`, async () => {
      const repository = fresh();
      for (const blob of [config, empty]) await pushBlob(target(), repository, blob);
      const manifest = await make(repository);
      const pushed = expectStatus(await putManifest(target(), repository, 'tagged', manifest), 201);
      assert.equal(pushed.headers.get('docker-content-digest'), manifest.digest);
      assert.ok((await ask(target(), `GET ${locationOf(pushed)}`)).body.equals(manifest.bytes));
      for (const reference of ['tagged', manifest.digest]) {
        await expectManifest(target(), repository, reference, manifest);
      }
      const path = `/v2/${repository}/manifests/${manifest.digest}`;
      expectStatus(await ask(target(), `DELETE ${path}`), 202);
      expectStatus(await ask(target(), `GET ${path}`), 404);
      expectStatus(await ask(target(), `GET /v2/${repository}/manifests/tagged`), 404);
    });
  }

  check('manifest: by a digest of sha512', async () => {
    const repository = fresh();
    const image = await pushImage(target(), repository);
    const digest = digestOf(image.bytes, 'sha512');
    const pushed = expectStatus(await putManifest(target(), repository, digest, image), 201);
    assert.equal(pushed.headers.get('docker-content-digest'), digest);
    await expectManifest(target(), repository, digest, image);
  });

  for (const algorithm of ['sha256', 'sha512'] as const) {
    check(`manifest: tags as parameters of a ${algorithm} digest`, async () => {
      const repository = fresh();
      const image = await pushImage(target(), repository, { tags: [] });
      const digest = digestOf(image.bytes, algorithm);
      const reply = await putManifest(target(), repository, `${digest}?tag=a&tag=b`, image);
      expectStatus(reply, 201);
      assert.deepEqual(reply.headers.get('oci-tag')?.split(', '), ['a', 'b']);
      for (const tag of ['a', 'b']) await expectManifest(target(), repository, tag, { ...image, digest });
    });
  }

  check('manifest: by a digest that is not its own is 400', async () => {
    const repository = fresh();
    const image = await pushImage(target(), repository);
    const wrong = digestOf(randomBytes(8));
    expectError(await putManifest(target(), repository, wrong, image), 400, 'DIGEST_INVALID');
    const malformed = await putManifest(target(), repository, 'sha256:baddigeststring', image);
    expectStatus(malformed, 400);
  });

  check('manifest: a tag that is none is 400', async () => {
    const repository = fresh();
    const image = await pushImage(target(), repository);
    expectStatus(await putManifest(target(), repository, '.bad', image), 400, 404);
  });

  check('manifest: what is none is 400', async () => {
    const bytes = Buffer.from('{"schemaVersion":2');
    const broken = { bytes, mediaType: mediaTypes.ociManifest, digest: digestOf(bytes) };
    expectError(await putManifest(target(), fresh(), 'v1', broken), 400, 'MANIFEST_INVALID');
  });

  check('manifest: too large for any registry is 413', async () => {
    const bytes = Buffer.alloc(5 * 1024 * 1024, ' ');
    const huge = { bytes, mediaType: mediaTypes.ociManifest, digest: digestOf(bytes) };
    expectStatus(await putManifest(target(), fresh(), 'v1', huge), 413);
  });

  check('manifest: with a blob that was not pushed is refused', async () => {
    const repository = fresh();
    await pushBlob(target(), repository, config);
    const image = imageOf([randomBytes(10)]);
    const reply = await putManifest(target(), repository, 'v1', image);
    expectStatus(reply, 400, 404);
    expectError(reply, reply.status, 'MANIFEST_BLOB_UNKNOWN');
  });

  check('manifest: of a type that nobody knows is kept as it is', async () => {
    const repository = fresh();
    const bytes = Buffer.from('anything at all');
    const unknown = { bytes, mediaType: 'application/vnd.example.unknown+text', digest: digestOf(bytes) };
    expectStatus(await putManifest(target(), repository, 'v1', unknown), 201);
    await expectManifest(target(), repository, 'v1', unknown);
  });

  check('manifest: an index of what is elsewhere is taken', async () => {
    const repository = fresh();
    const sparse = indexOf([imageOf([])]);
    expectStatus(await putManifest(target(), repository, 'v1', sparse), 201);
    await expectManifest(target(), repository, 'v1', sparse);
  });

  check('manifest: given as it is, whatever Accept says', async () => {
    const repository = fresh();
    const index = indexOf([await pushImage(target(), repository)], {
      mediaType: mediaTypes.dockerManifestList,
    });
    expectStatus(await putManifest(target(), repository, 'list', index), 201);
    const headers = { accept: mediaTypes.dockerManifest };
    const got = expectStatus(await ask(target(), `GET /v2/${repository}/manifests/list`, { headers }), 200);
    assert.ok(got.body.equals(index.bytes));
  });
}
