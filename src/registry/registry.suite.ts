import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { findError, isAbort } from '#errors';
import { digestOf, encodeManifest, mediaTypes, type Digest } from '#oci';
import type { Registry } from './registry.ts';

const fresh = (): string => `suite/r${randomBytes(6).toString('hex')}`;

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks));
}

/** `bytes` as a blob to put. */
export function blobOf(
  bytes: Uint8Array,
  digest: Digest = digestOf(bytes),
): Parameters<Registry['putBlob']>[1] {
  async function* open(offset: number): AsyncIterable<Uint8Array> {
    for (let at = offset; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  }
  return { digest, size: bytes.length, open };
}

/** An image of one layer, with its parts. */
function imageOf(layer: Uint8Array, config: Uint8Array): { bytes: Uint8Array; mediaType: string } {
  const bytes = encodeManifest({
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
    layers: [{ mediaType: mediaTypes.ociLayerGzip, digest: digestOf(layer), size: layer.length }],
  });
  return { bytes, mediaType: mediaTypes.ociManifest };
}

async function failsWith(work: Promise<unknown>, ...codes: string[]): Promise<void> {
  await assert.rejects(work, (error: Error) => {
    assert.ok(
      codes.includes(findError(error)?.code ?? ''),
      `${findError(error)?.code ?? 'no code'}: ${error.message}`,
    );
    return true;
  });
}

/** What holds for every registry, however it is reached. `open` gives one that is writable and may hold anything. */
export function registrySuite(
  name: string,
  open: () => Promise<{ registry: Registry; close: () => Promise<void> }>,
): void {
  describe(`${name} as a registry`, () => {
    let registry: Registry;
    let close: () => Promise<void>;
    before(async () => ({ registry, close } = await open()));
    after(() => close());

    const layer = randomBytes(5000);
    const config = Buffer.from(
      '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
    );
    const image = imageOf(layer, config);

    async function push(repository: string, ...tags: string[]): Promise<void> {
      await registry.putBlob(repository, blobOf(layer));
      await registry.putBlob(repository, blobOf(config));
      for (const tag of tags) await registry.putManifest(repository, tag, image);
    }

    test('a manifest is got by tag and by digest, byte for byte', async () => {
      const repository = fresh();
      await push(repository, 'v1');
      for (const reference of ['v1', digestOf(image.bytes)]) {
        const got = await registry.getManifest(repository, reference);
        assert.deepEqual(Buffer.from(got.bytes), Buffer.from(image.bytes));
        assert.equal(got.mediaType, image.mediaType);
        assert.equal(got.digest, digestOf(image.bytes));
        assert.deepEqual(await registry.headManifest(repository, reference), {
          mediaType: image.mediaType,
          digest: digestOf(image.bytes),
          size: image.bytes.length,
        });
      }
    });

    test('a tag moves to the manifest that was put last', async () => {
      const repository = fresh();
      await push(repository, 'v1');
      const other = imageOf(config, config);
      await registry.putManifest(repository, 'v1', other);
      assert.equal((await registry.getManifest(repository, 'v1')).digest, digestOf(other.bytes));
    });

    test('a manifest that is not there is unknown, and its head is undefined', async () => {
      const repository = fresh();
      await failsWith(registry.getManifest(repository, 'v1'), 'manifest-unknown', 'name-unknown');
      assert.equal(await registry.headManifest(repository, 'v1'), undefined);
      await push(repository, 'v1');
      await failsWith(registry.getManifest(repository, 'v2'), 'manifest-unknown');
      assert.equal(await registry.headManifest(repository, digestOf(randomBytes(8))), undefined);
    });

    test('a manifest is refused while a blob of it is missing', async () => {
      const repository = fresh();
      await registry.putBlob(repository, blobOf(config));
      await failsWith(registry.putManifest(repository, 'v1', image), 'manifest-blob-unknown');
    });

    test('a blob is read whole and from an offset', async () => {
      const repository = fresh();
      const seen: number[] = [];
      await registry.putBlob(repository, blobOf(layer), { onProgress: (bytes) => seen.push(bytes) });
      assert.equal(seen.at(-1), layer.length);
      assert.deepEqual(await registry.headBlob(repository, digestOf(layer)), { size: layer.length });
      for (const offset of [0, 1, 4999]) {
        const got = await registry.getBlob(repository, digestOf(layer), { offset });
        assert.equal(got.offset, offset);
        assert.equal(got.size, layer.length);
        assert.deepEqual(await collect(got.body), layer.subarray(offset));
      }
    });

    test('a blob without bytes is pushed and read', async () => {
      const repository = fresh();
      const empty = new Uint8Array();
      await registry.putBlob(repository, blobOf(empty));
      assert.deepEqual(await registry.headBlob(repository, digestOf(empty)), { size: 0 });
      const got = await registry.getBlob(repository, digestOf(empty));
      assert.equal((await collect(got.body)).length, 0);
    });

    test('a blob that is not there is unknown, and its head is undefined', async () => {
      const repository = fresh();
      await failsWith(registry.getBlob(repository, digestOf(layer)), 'blob-unknown', 'name-unknown');
      assert.equal(await registry.headBlob(repository, digestOf(layer)), undefined);
    });

    test('a blob with another digest than it is put under is refused', async () => {
      const repository = fresh();
      await failsWith(registry.putBlob(repository, blobOf(layer, digestOf(config))), 'blob-digest');
      assert.equal(await registry.headBlob(repository, digestOf(config)), undefined);
    });

    test('a blob is linked from another repository that has it, and only from such', async () => {
      const [source, target] = [fresh(), fresh()];
      await registry.putBlob(source, blobOf(layer));
      assert.equal(await registry.mountBlob(target, digestOf(config), source), false);
      assert.equal(await registry.mountBlob(target, digestOf(layer), source), true);
      assert.deepEqual(await registry.headBlob(target, digestOf(layer)), { size: layer.length });
    });

    test('all tags are listed, and the tags of no repository are an error', async () => {
      const repository = fresh();
      await push(repository, 'v1', 'v3', 'v2', 'latest');
      assert.deepEqual((await Array.fromAsync(registry.tags(repository))).sort(), [
        'latest',
        'v1',
        'v2',
        'v3',
      ]);
      await failsWith(Array.fromAsync(registry.tags(fresh())), 'name-unknown');
    });

    test('names that are none are refused before anything is asked', async () => {
      await failsWith(registry.getManifest('../x', 'v1'), 'name-invalid');
      await failsWith(registry.getManifest('a/b', 'v1?x'), 'tag-invalid');
      await failsWith(registry.headBlob('a//b', digestOf(layer)), 'name-invalid');
    });

    test('an aborted signal stops each call with its reason', async () => {
      const signal = AbortSignal.abort();
      const repository = fresh();
      const calls: (() => Promise<unknown>)[] = [
        () => registry.getManifest(repository, 'v1', { signal }),
        () => registry.headManifest(repository, 'v1', { signal }),
        () => registry.getBlob(repository, digestOf(layer), { signal }),
        () => registry.headBlob(repository, digestOf(layer), { signal }),
        () => registry.putManifest(repository, 'v1', image, { signal }),
        () => registry.putBlob(repository, blobOf(layer), { signal }),
        () => registry.mountBlob(repository, digestOf(layer), 'a/b', { signal }),
        () => Array.fromAsync(registry.tags(repository, { signal })),
      ];
      for (const call of calls) await assert.rejects(call, isAbort);
    });
  });
}
