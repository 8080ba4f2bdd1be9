import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import type { Digest } from '#oci';
import { openMetadata, type Metadata, type NewManifest } from './index.ts';
import { digest } from './metadata.suite.ts';

const inMemory = (): Promise<Metadata> => openMetadata({ path: ':memory:' });
const fails = (code: string) => (error: unknown) => findError(error, { code }) !== undefined;

/** Links `blob` in `repository` as an upload does, to be reviewed at 100. */
async function upload({ repositories }: Metadata, repository: string, blob: Digest): Promise<void> {
  await repositories.uploads.start({ id: blob, repository, started: 0, digest: blob });
  await repositories.changes.link(repository, { digest: blob, size: 7 }, { upload: blob, review: 100 });
}

/** Puts a manifest whose bytes an upload keeps. */
async function put(
  { repositories }: Metadata,
  repository: string,
  given: NewManifest,
): Promise<readonly Digest[]> {
  const { digest } = given;
  await repositories.uploads.start({ id: `m ${digest}`, repository, started: 0, digest });
  return repositories.changes.put(repository, given, { upload: `m ${digest}`, now: 1 });
}

function manifest(text: string, changed: Partial<NewManifest> = {}): NewManifest {
  return {
    digest: digest(text),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    size: 500,
    artifactType: undefined,
    subject: undefined,
    annotations: undefined,
    blobs: [],
    manifests: [],
    tags: [],
    description: undefined,
    ...changed,
  };
}

test('a blob is linked in the repositories where it was put or mounted, and in no other', async () => {
  await using metadata = await inMemory();
  const { facts, changes } = metadata.repositories;
  await upload(metadata, 'a', digest('x'));
  assert.deepEqual(await facts.blob('a', digest('x')), { digest: digest('x'), size: 7, review: 100 });
  assert.equal(await facts.blob('b', digest('x')), undefined);
  assert.equal(await changes.mount('b', digest('x'), { from: 'c', review: 100 }), false);
  assert.equal(await facts.has('b'), false);
  assert.equal(await changes.mount('b', digest('x'), { from: 'a', review: 100 }), true);
  assert.equal(await changes.mount('c', digest('x'), { from: undefined, review: 100 }), true);
  assert.equal(await changes.mount('c', digest('y'), { from: undefined, review: 100 }), false);
  assert.deepEqual(await facts.list({ limit: 10 }), ['a', 'b', 'c']);
  assert.equal(await changes.unlink('a', digest('x'), 0), true);
  assert.equal(await changes.unlink('a', digest('x'), 0), false);
  assert.equal(await facts.blob('a', digest('x')), undefined);
  assert.ok(await facts.blob('b', digest('x')));
});

test('an upload belongs to one repository and is over once', async () => {
  await using metadata = await inMemory();
  const { uploads, changes } = metadata.repositories;
  await uploads.start({ id: 'u', repository: 'a', started: 5 });
  assert.equal(await uploads.isOpen('u', 'a'), true);
  assert.equal(await uploads.isOpen('u', 'b'), false);
  assert.deepEqual(await uploads.startedBefore(5, 10), []);
  assert.deepEqual(await uploads.startedBefore(6, 10), ['u']);
  await uploads.end('u', 0);
  await uploads.end('u', 0);
  assert.equal(await uploads.isOpen('u', 'a'), false);
  await assert.rejects(uploads.expect('u', digest('x')), fails('upload-unknown'));
  await assert.rejects(
    changes.link('a', { digest: digest('x'), size: 1 }, { upload: 'u', review: 0 }),
    fails('upload-unknown'),
  );
  assert.equal(await metadata.repositories.facts.has('a'), false);
});

test('a manifest is put with its tags when its blobs are linked, or not at all', async () => {
  await using metadata = await inMemory();
  const { facts, changes } = metadata.repositories;
  const image = manifest('m', { blobs: [digest('x')], tags: ['1', '2'] });
  await assert.rejects(put(metadata, 'a', image), fails('manifest-blob-unknown'));
  assert.equal(await facts.has('a'), false);
  await upload(metadata, 'a', digest('x'));
  await metadata.repositories.uploads.end(`m ${image.digest}`, 0);
  await assert.rejects(changes.put('a', image, { upload: 'over', now: 1 }), fails('upload-unknown'));
  assert.equal(await facts.manifest('a', { tag: '1' }), undefined);
  assert.deepEqual(await put(metadata, 'a', image), []);
  assert.equal((await facts.manifest('a', { tag: '2' }))?.digest, digest('m'));
  assert.equal((await facts.manifest('a', { digest: digest('m') }))?.size, 500);
  assert.equal(await facts.manifest('b', { digest: digest('m') }), undefined);
  assert.equal((await facts.blob('a', digest('x')))?.review, undefined);
  const index = manifest('i', { manifests: [digest('m'), digest('n')], tags: ['1'] });
  assert.deepEqual(await put(metadata, 'a', index), [digest('n')]);
  assert.equal((await facts.manifest('a', { tag: '1' }))?.digest, digest('i'));
});

test('a tag goes alone, a manifest takes its tags', async () => {
  await using metadata = await inMemory();
  const { facts, changes } = metadata.repositories;
  await put(metadata, 'a', manifest('m', { tags: ['1', '2', '3'] }));
  assert.equal(await changes.removeTag('a', '2'), true);
  assert.equal(await changes.removeTag('a', '2'), false);
  assert.equal(await changes.removeTag('b', '1'), false);
  assert.deepEqual(await facts.tags('a', { limit: 10 }), ['1', '3']);
  assert.equal(await changes.removeManifest('a', digest('m'), 0), true);
  assert.equal(await changes.removeManifest('a', digest('m'), 0), false);
  assert.deepEqual(await facts.tags('a', { limit: 10 }), []);
  assert.equal(await facts.manifest('a', { digest: digest('m') }), undefined);
});

test('referrers are found by their subject, by kind and page by page', async () => {
  await using metadata = await inMemory();
  const { facts } = metadata.repositories;
  const subject = digest('image');
  const annotations = { a: 'b' };
  for (const name of ['s1', 's2', 's3']) {
    await put(metadata, 'a', manifest(name, { subject, artifactType: `t/${name}`, annotations }));
  }
  const { items: all, more } = await facts.referrers('a', subject, { limit: 3 });
  assert.equal(more, false);
  assert.deepEqual(
    all.map((each) => each.digest),
    ['s1', 's2', 's3'].map(digest).sort(),
  );
  assert.deepEqual(all[0]!.annotations, annotations);
  const page = await facts.referrers('a', subject, { limit: 1, after: all[0]!.digest });
  assert.deepEqual(page, { items: [all[1]], more: true });
  assert.deepEqual(
    (await facts.referrers('a', subject, { limit: 10, artifactType: 't/s2' })).items.map(
      (each) => each.digest,
    ),
    [digest('s2')],
  );
  assert.deepEqual(await facts.referrers('b', subject, { limit: 10 }), { items: [], more: false });
});

test('a search finds names and descriptions, and what it is given is no pattern', async () => {
  await using metadata = await inMemory();
  const { facts } = metadata.repositories;
  await put(metadata, 'team/web', manifest('m', { description: '100% Fresh_bread' }));
  await put(metadata, 'team/db', manifest('n'));
  const names = async (words: string): Promise<string[]> =>
    (await facts.search(words, { skip: 0, limit: 10 })).items.map(({ name }) => name);
  assert.deepEqual(await names('TEAM'), ['team/db', 'team/web']);
  assert.deepEqual(await names('fresh_'), ['team/web']);
  assert.deepEqual(await names('100%'), ['team/web']);
  assert.deepEqual(await names('t%b'), []);
  assert.deepEqual(await facts.search('', { skip: 1, limit: 1 }), {
    total: 2,
    items: [{ name: 'team/web', description: '100% Fresh_bread' }],
  });
});

test('what repositories and uploads need is not collected, and what none needs is found after its review', async () => {
  await using metadata = await inMemory();
  const { changes, uploads, review, facts } = metadata.repositories;
  for (const blob of ['used', 'unused', 'shared']) await upload(metadata, 'a', digest(blob));
  await changes.mount('b', digest('shared'), { from: 'a', review: 1000 });
  await put(metadata, 'a', manifest('m', { blobs: [digest('used')] }));
  await uploads.start({ id: 'u', repository: 'a', started: 0, digest: digest('coming') });
  const everything = ['used', 'unused', 'shared', 'coming', 'm'].map(digest);
  assert.deepEqual(await metadata.sweep(everything, 0, async () => undefined), []);

  assert.deepEqual(await review.due(99), { links: [], digests: [] });
  const unneeded = [digest('shared'), digest('unused')].sort();
  const due = await review.due(100);
  assert.deepEqual(due.links.map((link) => link.digest).sort(), unneeded);
  assert.deepEqual(due.digests, [digest('unused')]);
  assert.ok(await facts.blob('a', digest('unused')), 'a dry run changes nothing');
  assert.deepEqual(await review.settle(100, { limit: 10, next: 500 }), due);
  assert.equal(await facts.blob('a', digest('unused')), undefined);
  assert.deepEqual(await metadata.sweep(due.digests, 0, async () => undefined), [digest('unused')]);

  await changes.removeManifest('a', digest('m'), 600);
  assert.deepEqual((await review.due(599)).digests, []);
  assert.deepEqual([...(await review.due(600)).digests].sort(), [digest('m'), digest('used')].sort());
  await review.settle(2000, { limit: 10, next: 3000 });
  assert.deepEqual(await facts.list({ limit: 10 }), [], 'a repository that holds nothing is forgotten');
});

test('a page of a hundred thousand tags takes no more than 5 ms, wherever it lies', async () => {
  await using metadata = await inMemory();
  const { facts } = metadata.repositories;
  const tags = Array.from({ length: 100_000 }, (_, n) => `t${String(n).padStart(6, '0')}`);
  await put(metadata, 'a', manifest('m', { tags }));
  for (const at of [0, 50_000, 99_800]) {
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const begin = performance.now();
      const page = await facts.tags('a', { after: tags[at], limit: 100 });
      times.push(performance.now() - begin);
      assert.deepEqual(page, tags.slice(at + 1, at + 101));
    }
    assert.ok(times.sort((a, b) => a - b)[2]! <= 5, `${times.join(', ')} ms`);
  }
});
