import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { digestOf, mediaTypes } from '#oci';
import {
  ask,
  descriptorOf,
  expectError,
  expectStatus,
  fresh,
  imageOf,
  indexOf,
  pushBlob,
  pushImage,
  putManifest,
  referrersOf,
  tagsOf,
  type Check,
  type Made,
  type Reply,
  type Target,
} from './target.ts';

const empty = Buffer.from('{}');

function nextOf({ headers }: Reply): string | undefined {
  return /^<([^>]+)>; rel="?next"?$/.exec(headers.get('link') ?? '')?.[1];
}

/** Lists and deletes: tags, the catalog, referrers, and what is gone from them. */
export function discoveryCases(check: Check, target: () => Target): void {
  check('tags: of a repository that is not there are 404, or none', async () => {
    const reply = await ask(target(), `GET /v2/${fresh()}/tags/list`);
    if (reply.status !== 200) expectError(reply, 404, 'NAME_UNKNOWN');
  });

  const tagged = async (): Promise<string> => {
    const repository = fresh();
    await pushImage(target(), repository, { tags: ['b', 'Z', 'a', '2', '10'] });
    return repository;
  };

  check('tags: all of them, in the order of their bytes', async () => {
    const repository = await tagged();
    const { tags, body } = await tagsOf(target(), repository);
    assert.deepEqual(tags, ['10', '2', 'Z', 'a', 'b']);
    assert.equal((JSON.parse(body.toString()) as { name: string }).name, repository);
  });

  check('tags: exactly n, and a Link that leads through the rest', async () => {
    const repository = await tagged();
    const first = await tagsOf(target(), repository, '?n=2');
    assert.deepEqual(first.tags, ['10', '2']);
    const seen = [...first.tags];
    for (let next = nextOf(first); next !== undefined;) {
      const reply = expectStatus(await ask(target(), `GET ${next}`), 200);
      seen.push(...(JSON.parse(reply.body.toString()) as { tags: string[] }).tags);
      next = nextOf(reply);
    }
    assert.deepEqual(seen, ['10', '2', 'Z', 'a', 'b']);
  });

  check('tags: those behind the last, which need not be there', async () => {
    const repository = await tagged();
    assert.deepEqual((await tagsOf(target(), repository, '?last=2')).tags, ['Z', 'a', 'b']);
    assert.deepEqual((await tagsOf(target(), repository, '?last=3&n=1')).tags, ['Z']);
    assert.deepEqual((await tagsOf(target(), repository, '?last=zzz')).tags, []);
  });

  check('tags: n=0 is none of them, and no Link', async () => {
    const reply = await tagsOf(target(), await tagged(), '?n=0');
    assert.deepEqual(reply.tags, []);
    assert.equal(reply.headers.get('link'), null);
  });

  check('tags: n that is no number is 400 or 405', async () => {
    expectStatus(await ask(target(), `GET /v2/${await tagged()}/tags/list?n=many`), 400, 405);
  });

  check('tags: deleted, it is gone and its manifest is not', async () => {
    const repository = fresh();
    const image = await pushImage(target(), repository, { tags: ['a', 'b'] });
    expectStatus(await ask(target(), `DELETE /v2/${repository}/manifests/a`), 202);
    assert.deepEqual((await tagsOf(target(), repository)).tags, ['b']);
    expectStatus(await ask(target(), `GET /v2/${repository}/manifests/a`), 404);
    expectStatus(await ask(target(), `GET /v2/${repository}/manifests/${image.digest}`), 200);
  });

  check('tags: a manifest deleted by digest takes all of its own', async () => {
    const repository = fresh();
    const image = await pushImage(target(), repository, { tags: ['a', 'b'] });
    await pushImage(target(), repository, { tags: ['c'] });
    expectStatus(await ask(target(), `DELETE /v2/${repository}/manifests/${image.digest}`), 202);
    assert.deepEqual((await tagsOf(target(), repository)).tags, ['c']);
    expectError(
      await ask(target(), `DELETE /v2/${repository}/manifests/${image.digest}`),
      404,
      'MANIFEST_UNKNOWN',
    );
  });

  check('catalog: page by page', async () => {
    const base = fresh();
    for (const name of ['a', 'b', 'c']) await pushImage(target(), `${base}/${name}`);
    const reply = expectStatus(await ask(target(), `GET /v2/_catalog?last=${base}&n=2`), 200);
    const { repositories } = JSON.parse(reply.body.toString()) as { repositories: string[] };
    assert.deepEqual(repositories, [`${base}/a`, `${base}/b`]);
    const rest = expectStatus(await ask(target(), `GET ${nextOf(reply) ?? ''}`), 200);
    assert.equal(
      (JSON.parse(rest.body.toString()) as { repositories: string[] }).repositories[0],
      `${base}/c`,
    );
  });

  check('referrers: of what nothing refers to are none', async () => {
    const { index } = await referrersOf(target(), fresh(), digestOf(randomBytes(8)));
    assert.deepEqual(index.manifests, []);
    assert.equal(index.mediaType, mediaTypes.ociIndex);
  });

  check('referrers: a digest that is none is 400', async () => {
    expectError(await ask(target(), `GET /v2/${fresh()}/referrers/sha256:x`), 400, 'DIGEST_INVALID');
  });

  const about = async (repository: string, subject: Made): Promise<Made[]> => {
    await pushBlob(target(), repository, empty);
    const given = {
      subject: descriptorOf(subject.bytes, subject.mediaType, subject.digest),
      config: descriptorOf(empty, mediaTypes.ociEmpty),
      layers: [descriptorOf(empty, 'text/plain')],
    };
    const artifacts = [
      imageOf([], { ...given, artifactType: 'a/one', annotations: { 'org.example': '1' } }),
      imageOf([], { ...given, artifactType: 'a/two' }),
      imageOf([], { ...given, config: descriptorOf(empty, 'a/config') }),
      indexOf([], { subject: given.subject, artifactType: 'a/one' }),
    ];
    for (const artifact of artifacts) {
      const reply = expectStatus(await putManifest(target(), repository, artifact.digest, artifact), 201);
      assert.equal(reply.headers.get('oci-subject'), subject.digest);
    }
    return artifacts;
  };

  check('referrers: all that names the manifest, with its type, size and annotations', async () => {
    const repository = fresh();
    const [one, two, byConfig, index] = await about(repository, await pushImage(target(), repository));
    const subject = JSON.parse(Buffer.from(one!.bytes).toString()) as { subject: { digest: string } };
    const { index: list } = await referrersOf(target(), repository, subject.subject.digest);
    const expected = [
      {
        ...descriptorOf(one!.bytes, one!.mediaType),
        artifactType: 'a/one',
        annotations: { 'org.example': '1' },
      },
      { ...descriptorOf(two!.bytes, two!.mediaType), artifactType: 'a/two' },
      { ...descriptorOf(byConfig!.bytes, byConfig!.mediaType), artifactType: 'a/config' },
      { ...descriptorOf(index!.bytes, index!.mediaType), artifactType: 'a/one' },
    ];
    const byDigest = (a: { digest: string }, b: { digest: string }): number => (a.digest < b.digest ? -1 : 1);
    assert.deepEqual([...list.manifests].sort(byDigest), expected.sort(byDigest));
  });

  check('referrers: of one type only, and the answer says so', async () => {
    const repository = fresh();
    const subject = await pushImage(target(), repository);
    await about(repository, subject);
    const reply = await referrersOf(target(), repository, subject.digest, '?artifactType=a%2Fone');
    assert.equal(reply.index.manifests.length, 2);
    assert.equal(reply.headers.get('oci-filters-applied'), 'artifactType');
  });

  check('referrers: page by page, with the filter kept', async () => {
    const repository = fresh();
    const subject = await pushImage(target(), repository);
    await about(repository, subject);
    const first = await referrersOf(target(), repository, subject.digest, '?artifactType=a%2Fone&n=1');
    assert.equal(first.index.manifests.length, 1);
    const next = nextOf(first);
    assert.ok(next?.includes('artifactType=a%2Fone'));
    const second = expectStatus(await ask(target(), `GET ${next}`), 200);
    const { manifests } = JSON.parse(second.body.toString()) as { manifests: { digest: string }[] };
    assert.equal(manifests.length, 1);
    assert.notEqual(manifests[0]?.digest, first.index.manifests[0]?.digest);
    assert.equal(nextOf(second), undefined);
  });

  check('referrers: of a manifest that is not here yet', async () => {
    const repository = fresh();
    const [artifact] = await about(repository, imageOf([randomBytes(4)]));
    const { subject } = JSON.parse(Buffer.from(artifact!.bytes).toString()) as {
      subject: { digest: string };
    };
    assert.equal((await referrersOf(target(), repository, subject.digest)).index.manifests.length, 4);
  });

  check('referrers: deleted, it is listed no more', async () => {
    const repository = fresh();
    const subject = await pushImage(target(), repository);
    const [artifact] = await about(repository, subject);
    expectStatus(await ask(target(), `DELETE /v2/${repository}/manifests/${artifact!.digest}`), 202);
    assert.equal((await referrersOf(target(), repository, subject.digest)).index.manifests.length, 3);
  });

  check('search: as the docker command asks', async () => {
    const repository = `${fresh()}/needle`;
    await pushImage(target(), repository);
    expectStatus(await ask(target(), 'GET /v1/_ping'), 200);
    const reply = expectStatus(await ask(target(), `GET /v1/search?q=${repository}&n=25`), 200);
    const { num_results, results } = JSON.parse(reply.body.toString()) as {
      num_results: number;
      results: object[];
    };
    assert.equal(num_results, 1);
    assert.deepEqual(results, [
      { name: repository, description: '', star_count: 0, is_official: false, is_automated: false },
    ]);
  });
}
