import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '#oci';
import { openMetadata, type Metadata } from './index.ts';
import { digest } from './metadata.suite.ts';

const inMemory = (): Promise<Metadata> => openMetadata({ path: ':memory:' });

async function link({ repositories }: Metadata, repository: string, blob: Digest): Promise<void> {
  const upload = `${repository} ${blob}`;
  await repositories.uploads.start({ id: upload, repository, started: 0, digest: blob });
  await repositories.changes.link(repository, { digest: blob, size: 7 }, { upload, review: 100 });
}

async function put({ repositories }: Metadata, repository: string, manifest: Digest): Promise<void> {
  await repositories.uploads.start({ id: manifest, repository, started: 0, digest: manifest });
  const facts = { mediaType: 'x', size: 500, artifactType: undefined, subject: undefined };
  await repositories.changes.put(
    repository,
    {
      ...{ ...facts, annotations: undefined, description: undefined, digest: manifest },
      ...{ blobs: [], manifests: [], tags: ['latest'] },
    },
    { upload: manifest, now: 1 },
  );
}

test('a tag remembers when it was right, as long as it is there', async () => {
  await using metadata = await inMemory();
  const { mirrored, repositories } = metadata;
  await mirrored.check('m', 'latest', 5);
  assert.equal(await mirrored.checked('m', 'latest'), undefined);
  await put(metadata, 'm', digest('a'));
  await mirrored.check('m', 'latest', 5);
  await mirrored.check('m', 'latest', 8);
  assert.equal(await mirrored.checked('m', 'latest'), 8);
  await repositories.changes.removeTag('m', 'latest');
  assert.equal(await mirrored.checked('m', 'latest'), undefined);
});

test('only what marked repositories hold is counted, each digest once', async () => {
  await using metadata = await inMemory();
  const { mirrored } = metadata;
  await mirrored.mark('m');
  await mirrored.mark('m');
  await mirrored.mark('n');
  assert.equal(await mirrored.bytes(), 0);
  await link(metadata, 'm', digest('x'));
  await link(metadata, 'n', digest('x'));
  await link(metadata, 'hosted', digest('y'));
  await put(metadata, 'm', digest('a'));
  assert.equal(await mirrored.bytes(), 507);
});

test('what was unused for longest comes first, page by page', async () => {
  await using metadata = await inMemory();
  const { mirrored } = metadata;
  await mirrored.mark('m');
  const [x, y, z] = [digest('x'), digest('y'), digest('z')];
  for (const blob of [x, y, z]) await link(metadata, 'm', blob);
  await put(metadata, 'm', digest('a'));
  await mirrored.use([
    { repository: 'm', digest: x, at: 30 },
    { repository: 'm', digest: y, at: 20 },
    { repository: 'm', digest: digest('a'), at: 25 },
    { repository: 'gone', digest: y, at: 20 },
  ]);
  await mirrored.use([{ repository: 'm', digest: x, at: 10 }]);
  const first = await mirrored.unused({ before: 100, limit: 2 });
  assert.deepEqual(
    first.map(({ digest: found, used }) => [found, used]),
    [
      [z, 0],
      [y, 20],
    ],
  );
  const rest = await mirrored.unused({ before: 100, after: first.at(-1), limit: 10 });
  assert.deepEqual(
    rest.map(({ kind, size, used }) => [kind, size, used]),
    [
      ['manifest', 500, 25],
      ['blob', 7, 30],
    ],
  );
  assert.equal((await mirrored.unused({ before: 25, limit: 10 })).length, 2);
});

test('a use is forgotten with what was used', async () => {
  await using metadata = await inMemory();
  const { mirrored, repositories } = metadata;
  await mirrored.mark('m');
  for (const blob of [digest('x'), digest('y')]) await link(metadata, 'm', blob);
  await mirrored.use([
    { repository: 'm', digest: digest('x'), at: 30 },
    { repository: 'm', digest: digest('y'), at: 40 },
  ]);
  await repositories.changes.unlink('m', digest('x'), 0);
  await mirrored.tidy();
  await link(metadata, 'm', digest('x'));
  const found = await mirrored.unused({ before: 100, limit: 10 });
  assert.deepEqual(
    found.map(({ used }) => used),
    [0, 40],
  );
});
