import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import { digestOf, parseImageId, type Digest, type ImageId } from '#oci';
import type { ImageRecord, Metadata } from './metadata.ts';

/** A digest of its own for each text. */
export function digest(text: string): Digest {
  return digestOf(Buffer.from(text));
}

export function imageId(text: string): ImageId {
  return parseImageId(digest(text));
}

/** An image of two layers, of which the lower is the same for all. */
export function image(text: string, changed: Partial<ImageRecord> = {}): ImageRecord {
  const layers = ['base', text].map((layer) => ({
    blob: digest(`blob ${layer}`),
    diffId: digest(`diff ${layer}`),
    chainId: digest(`chain ${layer}`),
    size: layer.length,
  }));
  return {
    id: imageId(text),
    manifest: digest(`manifest ${text}`),
    created: '2024-02-30T00:00:00.123456789Z',
    size: 2 ** 40,
    os: 'linux',
    architecture: 'arm64',
    variant: 'v8',
    labels: { 'a.b': "it's", é: '' },
    parent: undefined,
    lastTagged: undefined,
    layers,
    content: [
      digest(`index ${text}`),
      digest(`manifest ${text}`),
      imageId(text),
      ...layers.map(({ blob }) => blob),
    ],
    ...changed,
  };
}

/** What every `Metadata` keeps, checked on empty ones from `open`. */
export function metadataSuite(kind: string, open: () => Promise<Metadata>): void {
  const check = (name: string, body: (metadata: Metadata) => Promise<void>): void => {
    test(`${kind}: ${name}`, async () => {
      await using metadata = await open();
      await body(metadata);
    });
  };
  checkImages(check);
  checkBlobs(check);
  checkCollection(check);
}

type Check = (name: string, body: (metadata: Metadata) => Promise<void>) => void;

const name = (text: string, of: string) => ({
  name: text,
  image: imageId(of),
  target: digest(`index ${of}`),
});
const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

function checkImages(check: Check): void {
  check('an image comes back as it was put, whatever is left out', async (metadata) => {
    const bare = image('bare', { created: undefined, variant: undefined, labels: undefined, layers: [] });
    await metadata.commit([
      { put: 'image', image: image('a') },
      { put: 'image', image: bare },
    ]);
    assert.deepEqual(await metadata.image(imageId('a')), image('a'));
    assert.deepEqual(await metadata.image(imageId('bare')), bare);
    assert.equal(await metadata.image(imageId('other')), undefined);
    assert.deepEqual(await metadata.images(), [image('a'), bare].sort(byId));
  });

  check('lists follow each change', async (metadata) => {
    assert.deepEqual(await metadata.images(), []);
    await metadata.commit(['a', 'b', 'c'].map((text) => ({ put: 'image', image: image(text) })));
    assert.equal((await metadata.images()).length, 3);
    await metadata.commit([
      { remove: 'image', id: imageId('a') },
      { put: 'image', image: image('b', { size: 1 }) },
      { put: 'image', image: image('d') },
    ]);
    const expected = [image('b', { size: 1 }), image('c'), image('d')].sort(byId);
    assert.deepEqual(await metadata.images(), expected);
    await metadata.commit([{ put: 'name', name: name('n', 'c'), at: 5 }]);
    assert.equal((await metadata.images()).find(({ id }) => id === imageId('c'))?.lastTagged, 5);
  });

  check('a prefix finds at most two images', async (metadata) => {
    const hex = (text: string): string => text.repeat(64).slice(0, 64);
    const ids = ['aa', 'ab', 'ac', 'b'].map((text) => parseImageId(`sha256:${hex(text)}`));
    await metadata.commit(ids.map((id) => ({ put: 'image', image: image('x', { id }) })));
    assert.deepEqual(await metadata.imagesByPrefix('a'), ids.slice(0, 2));
    assert.deepEqual(await metadata.imagesByPrefix('ab'), [ids[1]]);
    assert.deepEqual(await metadata.imagesByPrefix(hex('b')), [ids[3]]);
    assert.deepEqual(await metadata.imagesByPrefix('c'), []);
    assert.deepEqual(await metadata.imagesByPrefix('_'), []);
  });

  check('an image is found by its manifest and its indexes, not by its layers', async (metadata) => {
    const index = digest('an index of both');
    for (const text of ['a', 'b']) {
      const content = [...image(text).content, index];
      await metadata.commit([{ put: 'image', image: image(text, { content }) }]);
    }
    assert.deepEqual(await metadata.imagesByContent(digest('manifest a')), [imageId('a')]);
    assert.deepEqual(await metadata.imagesByContent(index), [imageId('a'), imageId('b')].sort());
    assert.deepEqual(await metadata.imagesByContent(digest('blob base')), []);
    assert.deepEqual(await metadata.imagesByContent(imageId('a')), []);
    await metadata.commit([{ put: 'image', image: image('a') }]);
    assert.deepEqual(await metadata.imagesByContent(index), [imageId('b')]);
  });

  check('children are the images made from one', async (metadata) => {
    await metadata.commit([
      { put: 'image', image: image('a') },
      { put: 'image', image: image('b', { parent: imageId('a') }) },
    ]);
    assert.deepEqual(await metadata.children(imageId('a')), [imageId('b')]);
    await metadata.commit([{ remove: 'image', id: imageId('a') }]);
    assert.deepEqual((await metadata.image(imageId('b')))?.parent, imageId('a'));
  });

  check('a name moves, marks the image and goes with it', async (metadata) => {
    await metadata.commit([
      { put: 'image', image: image('a') },
      { put: 'image', image: image('b') },
      { put: 'name', name: name('é:1', 'a'), at: 10 },
      { put: 'name', name: name('Z:1', 'a'), at: 20 },
    ]);
    assert.deepEqual(await metadata.names(), [name('Z:1', 'a'), name('é:1', 'a')]);
    assert.equal((await metadata.image(imageId('a')))?.lastTagged, 20);
    await metadata.commit([{ put: 'name', name: name('Z:1', 'b'), at: 30 }]);
    assert.deepEqual(await metadata.name('Z:1'), name('Z:1', 'b'));
    assert.deepEqual(await metadata.namesOf(imageId('a')), [name('é:1', 'a')]);
    await metadata.commit([{ remove: 'image', id: imageId('b') }]);
    assert.deepEqual(await metadata.names(), [name('é:1', 'a')]);
    await metadata.commit([
      { remove: 'name', name: 'é:1' },
      { remove: 'name', name: 'é:1' },
    ]);
    assert.equal(await metadata.name('é:1'), undefined);
  });

  check('putting an image again keeps its names', async (metadata) => {
    await metadata.commit([
      { put: 'image', image: image('a') },
      { put: 'name', name: name('n', 'a'), at: 1 },
    ]);
    await metadata.commit([{ put: 'image', image: image('a', { size: 7 }) }]);
    assert.deepEqual(await metadata.namesOf(imageId('a')), [name('n', 'a')]);
    assert.equal((await metadata.image(imageId('a')))?.size, 7);
  });

  check('a commit that fails changes nothing', async (metadata) => {
    await assert.rejects(
      metadata.commit([
        { put: 'image', image: image('a') },
        { put: 'name', name: name('n', 'absent'), at: 1 },
      ]),
      (error) => findError(error, { kind: 'not-found', code: 'image-not-found' }) !== undefined,
    );
    assert.deepEqual(await metadata.images(), []);
    await metadata.commit([{ put: 'image', image: image('a') }]);
    assert.equal((await metadata.images()).length, 1);
  });
}

function checkBlobs(check: Check): void {
  const blob = { blob: digest('b'), diffId: digest('d'), tarSize: 10240, dependsOnLower: true, size: 3 };

  check('a blob is found by itself and by its layer', async (metadata) => {
    const other = { ...blob, blob: digest('b2'), dependsOnLower: false };
    await metadata.commit([
      { put: 'blob', blob },
      { put: 'blob', blob: { ...other, size: 1 } },
      { put: 'blob', blob: other },
    ]);
    assert.deepEqual(await metadata.blob(blob.blob), blob);
    const sorted = [blob, other].sort((a, b) => (a.blob < b.blob ? -1 : 1));
    assert.deepEqual(await metadata.blobsByDiffId(blob.diffId), sorted);
    assert.equal(await metadata.blob(digest('other')), undefined);
  });

  check('sources come the latest first', async (metadata) => {
    const see = (repository: string) => ({ put: 'source', blob: blob.blob, repository }) as const;
    await metadata.commit([see('x/a'), see('x/b'), see('x/c')]);
    await metadata.commit([see('x/a'), { remove: 'source', blob: blob.blob, repository: 'x/b' }]);
    assert.deepEqual(await metadata.sources(blob.blob), ['x/a', 'x/c']);
  });

  check('a setting is what was last put', async (metadata) => {
    assert.equal(await metadata.setting('id'), undefined);
    for (const value of ['1', '2']) await metadata.commit([{ put: 'setting', key: 'id', value }]);
    assert.equal(await metadata.setting('id'), '2');
  });
}

function checkCollection(check: Check): void {
  const nothing = (): Promise<void> => Promise.resolve();

  check('a sweep spares what images, names and live leases need', async (metadata) => {
    const [held, ended, target, free] = ['held', 'ended', 'target', 'free'].map(digest) as [
      ...[Digest, Digest, Digest, Digest],
    ];
    await metadata.createLease('live', 1000);
    await metadata.createLease('past', 999);
    await metadata.hold('live', [held, held]);
    await metadata.hold('past', [ended, held]);
    await metadata.commit([
      { put: 'image', image: image('a') },
      { put: 'name', name: { name: 'n', image: imageId('a'), target }, at: 1 },
    ]);
    const { content, layers } = image('a');
    const needed = [...content, ...layers.flatMap(({ diffId, chainId }) => [diffId, chainId]), held, target];
    const given: Digest[] = [];
    const removed = await metadata.sweep([...needed, free, ended, free], 1000, async (candidate) => {
      given.push(candidate);
    });
    assert.deepEqual(given, [free, ended]);
    assert.deepEqual(removed, [free, ended]);
    await metadata.commit([{ remove: 'image', id: imageId('a') }]);
    await metadata.releaseLease('live');
    await metadata.releaseLease('live');
    assert.deepEqual(await metadata.sweep(needed, 1000, nothing), needed);
  });

  check('a lease that ended is told so, and a renewed one lives on', async (metadata) => {
    await metadata.createLease('a', 10);
    await metadata.createLease('b', 10);
    await metadata.renewLease('b', 20);
    await metadata.hold('b', [digest('x')]);
    assert.deepEqual(await metadata.sweep([digest('x')], 15, nothing), []);
    for (const late of [metadata.hold('a', []), metadata.renewLease('a', 30)]) {
      await assert.rejects(late, (error) => findError(error, { code: 'lease-not-found' }) !== undefined);
    }
    await assert.rejects(
      metadata.createLease('b', 50),
      (error) => findError(error, { kind: 'conflict', code: 'lease-exists' }) !== undefined,
    );
  });

  check('a hold waits while its digest is removed, and reads do not', async (metadata) => {
    await metadata.createLease('l', 100);
    const events: string[] = [];
    let holding: Promise<void> | undefined;
    await metadata.sweep([digest('x')], 0, async () => {
      holding = metadata.hold('l', [digest('x')]).then(() => void events.push('held'));
      assert.deepEqual(await metadata.images(), []);
      events.push('removed');
    });
    await holding;
    assert.deepEqual(events, ['removed', 'held']);
  });

  check('what a sweep removed is forgotten, also when it fails later', async (metadata) => {
    const blobs = ['a', 'b'].map((text) => ({
      blob: digest(text),
      diffId: digest('d'),
      tarSize: 1,
      dependsOnLower: false,
      size: 1,
    }));
    await metadata.commit(blobs.map((blob) => ({ put: 'blob', blob })));
    await metadata.commit([{ put: 'source', blob: digest('a'), repository: 'x/y' }]);
    const broken = new Error('disk');
    const sweep = metadata.sweep([digest('a'), digest('b')], 0, async (candidate) => {
      if (candidate === digest('b')) throw broken;
    });
    await assert.rejects(sweep, broken);
    assert.equal(await metadata.blob(digest('a')), undefined);
    assert.deepEqual(await metadata.sources(digest('a')), []);
    assert.deepEqual(await metadata.blob(digest('b')), blobs[1]);
  });

  check('a long sweep lets others have a turn', async (metadata) => {
    await metadata.createLease('l', 100);
    const candidates = Array.from({ length: 4 }, (_, n) => digest(`long ${n}`));
    const last = candidates[3]!;
    let holding: Promise<void> | undefined;
    const removed = await metadata.sweep(candidates, 0, async () => {
      holding ??= metadata.hold('l', [last]);
      await new Promise((resolve) => setTimeout(resolve, 260));
    });
    await holding;
    assert.deepEqual(removed, candidates.slice(0, 3).slice(0, removed.length));
    assert.ok(!removed.includes(last));
  });
}
