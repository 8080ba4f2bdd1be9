import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMemoryContent } from '#content';
import { findError } from '#errors';
import { openMetadata } from '#metadata';
import { digestOf, encodeManifest, mediaTypes, type Digest } from '#oci';
import { openRepositories } from './index.ts';

const hour = 60 * 60 * 1000;
const repositories = ['a', 'b'];
const layers = ['one', 'two', 'three'].map((text) => Buffer.from(text));
const config = Buffer.from('{}');

interface Image {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly parts: readonly Buffer[];
}

const images: readonly Image[] = [
  [0, 1],
  [1, 2],
].map((chosen) => {
  const parts = [config, ...chosen.map((index) => layers[index] ?? config)];
  const describe = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const [, ...own] = parts;
  const bytes = encodeManifest({
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config: describe(mediaTypes.ociConfig, config),
    layers: own.map((layer) => describe(mediaTypes.ociLayer, layer)),
  });
  return { bytes, digest: digestOf(bytes), parts };
});

async function open() {
  const content = createMemoryContent();
  const metadata = await openMetadata({ path: ':memory:' });
  const state = { now: 0, ids: 0 };
  const registry = openRepositories({
    content,
    metadata,
    clock: () => state.now,
    uniqueId: () => `u${++state.ids}`,
  });

  /** As clients push: what is here is not sent again, or is mounted. */
  async function push(repository: string, image: Image, from: string): Promise<void> {
    for (const bytes of image.parts) {
      const digest = digestOf(bytes);
      if ((await registry.headBlob(repository, digest)) !== undefined) continue;
      if (await registry.mountBlob(repository, digest, from)) continue;
      const { id } = await registry.startUpload(repository);
      const body = (async function* () {
        yield bytes;
      })();
      await registry.finishUpload(repository, id, { body, digest });
    }
    await registry.putManifest(repository, 'latest', {
      bytes: image.bytes,
      mediaType: mediaTypes.ociManifest,
    });
  }

  /** Every manifest is whole: itself and all its parts can be read. */
  async function check(): Promise<void> {
    for (const repository of repositories) {
      for (const image of images) {
        if ((await registry.headManifest(repository, image.digest)) === undefined) continue;
        const { bytes } = await registry.getManifest(repository, image.digest);
        assert.deepEqual(Buffer.from(bytes), Buffer.from(image.bytes));
        for (const part of image.parts) {
          const { body } = await registry.getBlob(repository, digestOf(part));
          assert.deepEqual(Buffer.concat(await Array.fromAsync(body)), part);
          assert.ok(await content.stat(digestOf(part)));
        }
        assert.ok(await content.stat(image.digest));
      }
    }
  }

  return {
    content,
    registry,
    state,
    push,
    check,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await metadata[Symbol.asyncDispose]();
    },
  };
}

const which = { repository: fc.constantFrom(...repositories), image: fc.constantFrom(...images) };
const step = fc.oneof(
  fc.record({ do: fc.constant('push'), ...which, from: fc.constantFrom(...repositories) }),
  fc.record({ do: fc.constant('delete'), ...which }),
  fc.record({ do: fc.constant('half a push'), ...which }),
  fc.record({ do: fc.constant('wait'), hours: fc.constantFrom(1, 12, 24, 200) }),
  fc.record({ do: fc.constant('collect') }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function perform(opened: Awaited<ReturnType<typeof open>>, taken: Step): Promise<void> {
  const { registry, state } = opened;
  if ('hours' in taken) state.now += taken.hours * hour;
  else if ('from' in taken) await opened.push(taken.repository, taken.image, taken.from);
  else if (!('image' in taken)) await registry.collect();
  else if (taken.do === 'delete') {
    await registry.deleteManifest(taken.repository, taken.image.digest).catch((error: unknown) => {
      assert.ok(['manifest-unknown', 'name-unknown'].includes(findError(error)?.code ?? ''));
    });
  } else {
    const [, layer = config] = taken.image.parts;
    await registry.putBlob(taken.repository, {
      digest: digestOf(layer),
      size: layer.length,
      async *open() {
        yield layer;
      },
    });
    await registry.startUpload(taken.repository);
  }
}

test('whatever is pushed, deleted and collected, manifests stay whole, and in the end nothing is left over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      await using opened = await open();
      const { registry, state, content } = opened;
      for (const taken of steps) {
        await perform(opened, taken);
        await opened.check();
      }
      for (const repository of repositories) {
        for (const { digest } of images) {
          await registry.deleteManifest(repository, digest).catch(() => undefined);
        }
      }
      // A week and an hour for uploads, then a day for what they kept.
      for (const hours of [7 * 24 + 1, 25]) {
        state.now += hours * hour;
        await registry.collect();
      }
      assert.deepEqual(await Array.fromAsync(content.list()), []);
      assert.deepEqual((await registry.repositories({ limit: 10 })).items, []);
    }),
    { numRuns: 60 },
  );
});

test('while several push, delete and collect at once what waited for its review, manifests stay whole', async () => {
  const some = fc.array(step, { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(some, some, async (before, steps) => {
      await using opened = await open();
      for (const taken of before) await perform(opened, taken);
      opened.state.now += 24 * hour;
      // Time stands still among them: a push that takes a day is nobody's.
      const together: Step[] = steps.filter(({ do: what }) => what !== 'wait');
      await Promise.all(together.toSpliced(1, 0, { do: 'collect' }).map((taken) => perform(opened, taken)));
      await opened.check();
    }),
    { numRuns: 80 },
  );
});
