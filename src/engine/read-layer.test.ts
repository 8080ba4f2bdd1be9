import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { chainIds, mediaTypes, parseReference, type Digest } from '#oci';
import { composeImage, tarOf, type ComposedLayer } from '../../test/support/compose-image.ts';
import {
  createFakeUnpacker,
  namesIn,
  openFakeSnapshots,
  type FakeSnapshots,
  type Unpacking,
} from '../../test/support/fake-snapshots.ts';
import type { RandomImage } from '../../test/support/random-image.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import { inspectImage, pullImage, removeImage } from './index.ts';

const host = 'r.example';
// Layers that are right anywhere, and layers that need what is below them (their names have a slash).
const free = ['p', 'q', 'r', 's'].map((name): ComposedLayer => ({ tar: tarOf({ [name]: name }) }));
const bound = ['a/x', 'b/y', 'c/z'].map((name): ComposedLayer => ({ tar: tarOf({ [name]: name }) }));
const [p, q, r] = free as [ComposedLayer, ComposedLayer, ComposedLayer];
const [ax, by] = bound as [ComposedLayer, ComposedLayer];

interface Bench extends AsyncDisposable {
  readonly made: TestEngine;
  readonly snapshots: FakeSnapshots;
  readonly uses: Unpacking[];
  put(tag: string, layers: readonly ComposedLayer[]): Promise<RandomImage>;
  pull(tag: string): Promise<unknown>;
}

async function openBench(): Promise<Bench> {
  const snapshots = await openFakeSnapshots();
  const uses: Unpacking[] = [];
  const made = await openTestEngine({
    unpacker: createFakeUnpacker(uses),
    unpacking: { snapshots, when: 'eager' },
  });
  return {
    made,
    snapshots,
    uses,
    async put(tag, layers) {
      const image = composeImage(layers);
      await store(made.registry(host), 'b', tag, image);
      return image;
    },
    pull: (tag) => pullImage(made.engine, parseReference(`${host}/b:${tag}`)),
    async [Symbol.asyncDispose]() {
      await made[Symbol.asyncDispose]();
      await snapshots[Symbol.asyncDispose]();
    },
  };
}

function sorted(keys: readonly (Digest | undefined)[]): readonly (Digest | undefined)[] {
  return [...keys].sort();
}

test('layers that are right anywhere are kept by their diff ids', async () => {
  await using bench = await openBench();
  const { diffIds } = await bench.put('1', [p, q, r]);
  await bench.pull('1');
  assert.deepEqual(sorted(bench.snapshots.committed), sorted(diffIds));
  assert.deepEqual(bench.snapshots.mounted, []);
  assert.equal(bench.snapshots.unfinished(), 0);
  assert.deepEqual(bench.uses.map(({ mode }) => mode).sort(), ['alone', 'alone', 'base']);
});

test('a layer that needs those below it is unpacked above them, and kept by its chain id', async () => {
  await using bench = await openBench();
  const { diffIds } = await bench.put('1', [p, ax, q, by]);
  const chain = chainIds(diffIds);
  await bench.pull('1');
  assert.deepEqual(sorted(bench.snapshots.committed), sorted([diffIds[0], chain[1], diffIds[2], chain[3]]));
  assert.deepEqual(
    [...bench.snapshots.mounted].sort((a, b) => a.length - b.length),
    [[diffIds[0]], [diffIds[0], chain[1], diffIds[2]]],
  );
  assert.deepEqual(await namesIn(await bench.snapshots.stat(chain[1]!)), ['a_x']);
  const { directories } = await inspectImage(bench.made.engine, `${host}/b:1`);
  assert.equal(directories?.length, 4);
});

test('the lowest layer is kept by its diff id, even when it would need others', async () => {
  await using bench = await openBench();
  const { diffIds } = await bench.put('1', [ax]);
  await bench.pull('1');
  assert.deepEqual(bench.snapshots.committed, diffIds);
  assert.deepEqual(
    bench.uses.map(({ mode }) => mode),
    ['base'],
  );
});

test('what was right as the lowest layer is made anew above others, and the reverse', async () => {
  for (const order of [
    ['base', 'above'],
    ['above', 'base'],
  ]) {
    await using bench = await openBench();
    await bench.put('base', [ax, p]);
    const above = await bench.put('above', [p, ax]);
    for (const tag of order) await bench.pull(tag);
    const [, chainId] = chainIds(above.diffIds);
    assert.deepEqual(sorted(bench.snapshots.committed), sorted([...above.diffIds, chainId]));
    assert.notEqual(await bench.snapshots.stat(above.diffIds[1]!), undefined);
  }
});

test('a second image unpacks only what the first has not', async () => {
  await using bench = await openBench();
  await bench.put('1', [p, ax, q]);
  await bench.pull('1');
  const before = bench.snapshots.committed.length;
  bench.uses.length = 0;
  const { diffIds } = await bench.put('2', [p, ax, r]);
  await bench.pull('2');
  assert.deepEqual(bench.snapshots.committed.slice(before), [diffIds[2]]);
  assert.deepEqual(bench.uses, [{ diffId: diffIds[2], mode: 'alone' }]);
});

test('a layer compressed in another way is read to verify it, and not unpacked again', async () => {
  await using bench = await openBench();
  await bench.put('1', [p, q]);
  const again = { tar: q.tar, blob: gzipSync(q.tar, { level: 1 }), mediaType: mediaTypes.ociLayerGzip };
  const { diffIds } = await bench.put('2', [
    p,
    { ...again, blob: Buffer.concat([again.blob, gzipSync('')]) },
  ]);
  await bench.pull('1');
  bench.uses.length = 0;
  await bench.pull('2');
  assert.deepEqual(bench.uses, [{ diffId: diffIds[1], mode: 'read' }]);
  assert.equal(bench.snapshots.committed.length, 2);
});

test(
  'images pulled at once unpack each layer once, and never wait for each other',
  { timeout: 10_000 },
  async () => {
    await using bench = await openBench();
    const orders = [
      [p, ax, q, by, r],
      [r, q, by, p, ax],
      [q, ax, by, r, p],
      [p, ax, q],
      [ax, ax, p, p],
    ];
    const images = await Promise.all(orders.map((layers, n) => bench.put(String(n), layers)));
    await Promise.all(images.map((_, n) => bench.pull(String(n))));
    assert.equal(new Set(bench.snapshots.committed).size, bench.snapshots.committed.length, 'no key twice');
    assert.equal(bench.snapshots.unfinished(), 0);
    for (const n of images.keys()) {
      const { directories } = await inspectImage(bench.made.engine, `${host}/b:${n}`);
      assert.equal(directories?.length, orders[n]?.length);
    }
  },
);

test('one image pulled several times at once unpacks each layer once', { timeout: 10_000 }, async () => {
  await using bench = await openBench();
  await bench.put('1', [p, ax, by, q]);
  await Promise.all(Array.from({ length: 4 }, () => bench.pull('1')));
  assert.equal(bench.snapshots.committed.length, 4);
  assert.equal(bench.uses.filter(({ mode }) => mode === 'merged').length, 2);
});

test(
  'a layer that fails ends those that wait for it; no directory is left open',
  { timeout: 10_000 },
  async () => {
    await using bench = await openBench();
    const lie = composeImage([p, q, ax], {
      config: { diffIds: [p, r, ax].map(({ tar }) => composeImage([{ tar }]).diffIds[0]!) },
    });
    await store(bench.made.registry(host), 'b', 'lie', lie);
    await assert.rejects(bench.pull('lie'), { code: 'layer-diff-id' });
    assert.equal(bench.snapshots.unfinished(), 0);
    assert.equal(bench.snapshots.mounted.length, 0);
  },
);

test('a lying image is found out though the layer that it claims is unpacked already', async () => {
  await using bench = await openBench();
  const honest = await bench.put('1', [p]);
  await bench.put('2', [q]);
  await store(
    bench.made.registry(host),
    'b',
    'lie',
    composeImage([q], { config: { diffIds: [...honest.diffIds] } }),
  );
  await bench.pull('1');
  await assert.rejects(bench.pull('lie'), { code: 'layer-diff-id' });
  await bench.pull('2');
  await assert.rejects(bench.pull('lie'), { code: 'layer-diff-id' });
});

test('removing an image removes the directories that no other image has', async () => {
  await using bench = await openBench();
  const one = await bench.put('1', [p, ax]);
  const two = await bench.put('2', [p, q]);
  await bench.pull('1');
  await bench.pull('2');
  await removeImage(bench.made.engine, `${host}/b:1`);
  const left = (await Array.fromAsync(bench.snapshots.list())).map(({ key }) => key);
  assert.deepEqual(sorted(left), sorted(two.diffIds));
  assert.ok(!left.includes(chainIds(one.diffIds)[1]!));
});

test('lazily, nothing is unpacked', async () => {
  await using bench = await openBench();
  await using made = await openTestEngine({
    unpacker: createFakeUnpacker(bench.uses),
    unpacking: { snapshots: bench.snapshots, when: 'lazy' },
  });
  await store(made.registry(host), 'b', '1', composeImage([p, ax]));
  await pullImage(made.engine, parseReference(`${host}/b:1`));
  assert.deepEqual(bench.snapshots.committed, []);
  assert.deepEqual(
    bench.uses.map(({ mode }) => mode),
    ['read', 'read'],
  );
  assert.equal((await inspectImage(made.engine, `${host}/b:1`)).directories, undefined);
});
