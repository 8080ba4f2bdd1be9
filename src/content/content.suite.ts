import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError, type ErrorKind } from '#errors';
import { digestOf, type Digest } from '#oci';
import type { BlobInfo, ContentStore, Ingest } from './store.ts';

/** `size` bytes that differ from place to place and by `seed`. */
export function bytes(size: number, seed = 1): Buffer {
  const made = Buffer.alloc(size);
  for (let at = 0; at < size; at++) made[at] = (at * 31 + (at >> 8) * seed + seed) & 0xff;
  return made;
}

/** All bytes of `stream`. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}

/** Opens an ingest that must not be done yet. */
export async function mustIngest(store: ContentStore, digest: Digest): Promise<Ingest> {
  const ingest = await store.ingest(digest);
  assert.ok(ingest, 'the blob is here already');
  return ingest;
}

/** Whether an error has this kind and code. */
export function fails(kind: ErrorKind, code: string): (error: unknown) => boolean {
  return (error) => findError(error, { kind, code }) !== undefined;
}

async function put(store: ContentStore, content: Buffer): Promise<Digest> {
  const digest = digestOf(content);
  await using ingest = await store.ingest(digest);
  await ingest?.write(content);
  await ingest?.commit();
  return digest;
}

type Check = (name: string, body: (store: ContentStore) => Promise<void>) => void;

/** What every `ContentStore` keeps; `open` makes an empty one that `using` removes. */
export function contentSuite(
  kind: string,
  open: () => Promise<{ store: ContentStore } & AsyncDisposable>,
): void {
  const check: Check = (name, body) => {
    test(`${kind}: ${name}`, { timeout: 10_000 }, async () => {
      await using opened = await open();
      await body(opened.store);
    });
  };
  checkReading(check);
  checkIngests(check);
  checkWaiting(check);
  checkUploads(check);
}

const small = Buffer.from('a small blob');
const list = async (infos: AsyncIterable<BlobInfo>): Promise<BlobInfo[]> => Array.fromAsync(infos);

function checkReading(check: Check): void {
  check('a blob is read whole and in ranges', async (store) => {
    const content = bytes(700_000);
    const digest = await put(store, content);
    assert.deepEqual(await store.stat(digest), { digest, size: content.length });
    assert.ok(content.equals(await collect(store.read(digest))));
    const ranges = [
      [0, 0],
      [0, 1],
      [699_999, 700_000],
      [700_000, 700_000],
      [262_143, 524_289],
    ] as const;
    for (const [start, end] of ranges) {
      assert.ok(content.subarray(start, end).equals(await collect(store.read(digest, { start, end }))));
    }
    assert.ok(content.subarray(5).equals(await collect(store.read(digest, { start: 5 }))));
  });

  check('a range outside the blob is refused', async (store) => {
    const digest = await put(store, small);
    for (const range of [{ start: -1 }, { end: 13 }, { start: 3, end: 2 }, { start: 0.5 }, { end: NaN }]) {
      await assert.rejects(collect(store.read(digest, range)), fails('invalid-argument', 'blob-range'));
    }
  });

  check('what is not here is not found, and removing it is no error', async (store) => {
    const digest = digestOf(small);
    assert.equal(await store.stat(digest), undefined);
    await assert.rejects(collect(store.read(digest)), fails('not-found', 'blob-not-found'));
    await store.delete(digest);
    assert.equal(await store.deleteIngest(digest), false);
  });

  check('a reader that has begun reads on when the blob is removed', async (store) => {
    const content = bytes(600_000);
    const digest = await put(store, content);
    const read: Uint8Array[] = [];
    for await (const chunk of store.read(digest)) {
      await store.delete(digest);
      read.push(chunk);
    }
    assert.ok(content.equals(Buffer.concat(read)));
    assert.equal(await store.stat(digest), undefined);
  });

  check('all blobs and unfinished ingests are listed', async (store) => {
    const blobs = await Promise.all([small, Buffer.alloc(0)].map((content) => put(store, content)));
    const sha512 = digestOf(small, 'sha512');
    {
      await using ingest = await mustIngest(store, sha512);
      await ingest.write(small.subarray(0, 3));
      await using untouched = await mustIngest(store, digestOf(bytes(9)));
      assert.equal(untouched.offset, 0);
    }
    const found = await list(store.list());
    assert.deepEqual(found.map(({ digest }) => digest).sort(), blobs.sort());
    assert.deepEqual(await list(store.listIngests()), [{ digest: sha512, size: 3 }]);
  });

  check('what was written before a time is listed, the unfinished too', async (store) => {
    const digest = await put(store, small);
    const unfinished = digestOf(small, 'sha512');
    {
      await using ingest = await mustIngest(store, unfinished);
      await ingest.write(small.subarray(0, 3));
      await using upload = await store.upload('an-upload');
      await upload.write(small.subarray(0, 2));
    }
    assert.deepEqual(await Array.fromAsync(store.writtenBefore(0)), []);
    assert.deepEqual(await Array.fromAsync(store.writtenBefore(Date.now() + 60_000)), [
      { kind: 'blob', digest, size: small.length },
      { kind: 'ingest', digest: unfinished, size: 3 },
      { kind: 'upload', id: 'an-upload', size: 2 },
    ]);
  });
}

function checkIngests(check: Check): void {
  check('an ingest is seen only when it is committed', async (store) => {
    const digest = digestOf(small);
    await using ingest = await mustIngest(store, digest);
    await ingest.write(small);
    assert.equal(await store.stat(digest), undefined);
    assert.deepEqual(await ingest.commit({ size: small.length }), { digest, size: small.length });
    assert.ok(small.equals(await collect(store.read(digest))));
    assert.equal(await store.ingest(digest), undefined);
    assert.deepEqual(await list(store.listIngests()), []);
  });

  for (const algorithm of ['sha256', 'sha512'] as const) {
    check(`a disposed ingest by ${algorithm} goes on where it was left`, async (store) => {
      const content = bytes(100_000);
      const digest = digestOf(content, algorithm);
      for (let at = 0; at < content.length; at += 40_000) {
        await using ingest = await mustIngest(store, digest);
        assert.equal(ingest.offset, at);
        await ingest.write(content.subarray(at, at + 40_000));
      }
      await using ingest = await mustIngest(store, digest);
      await ingest.commit();
      assert.ok(content.equals(await collect(store.read(digest))));
    });
  }

  check('a written chunk may be reused', async (store) => {
    await using ingest = await mustIngest(store, digestOf(Buffer.from('aabb')));
    const chunk = Buffer.from('aa');
    await ingest.write(chunk);
    chunk.fill('b');
    await ingest.write(chunk);
    await ingest.commit();
  });

  check('a wrong size is refused and keeps the bytes', async (store) => {
    await using ingest = await mustIngest(store, digestOf(small));
    await ingest.write(small);
    await assert.rejects(ingest.commit({ size: 5 }), fails('corrupt', 'blob-size'));
    assert.equal(ingest.offset, small.length);
    await ingest.commit();
  });

  check('a wrong digest is refused and empties the ingest', async (store) => {
    const digest = digestOf(small);
    await using ingest = await mustIngest(store, digest);
    await ingest.write(Buffer.from('something longer than the blob'));
    await assert.rejects(ingest.commit(), fails('corrupt', 'blob-digest'));
    assert.equal(await store.stat(digest), undefined);
    assert.equal(ingest.offset, 0);
    await ingest.write(small);
    await ingest.commit();
    assert.ok(small.equals(await collect(store.read(digest))));
  });

  check('a restart forgets all bytes', async (store) => {
    await using ingest = await mustIngest(store, digestOf(small));
    await ingest.write(bytes(1000));
    await ingest.restart();
    assert.equal(ingest.offset, 0);
    await ingest.write(small);
    await ingest.commit({ size: small.length });
  });

  check('an ingest is dropped unless it is held', async (store) => {
    const digest = digestOf(small);
    {
      await using ingest = await mustIngest(store, digest);
      await ingest.write(small);
      assert.equal(await store.deleteIngest(digest), false);
    }
    assert.equal(await store.deleteIngest(digest), true);
    assert.deepEqual(await list(store.listIngests()), []);
    await using again = await mustIngest(store, digest);
    assert.equal(again.offset, 0);
  });
}

function checkWaiting(check: Check): void {
  check('a second ingest waits and finds the blob whole', async (store) => {
    const digest = digestOf(small);
    const first = await mustIngest(store, digest);
    let waits = 0;
    const second = store.ingest(digest, { onWait: () => waits++ });
    const third = store.ingest(digest, { onWait: () => waits++ });
    await first.write(small);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await first.commit();
    assert.deepEqual(await Promise.all([second, third]), [undefined, undefined]);
    assert.equal(waits, 2);
    await first[Symbol.asyncDispose]();
  });

  check('a second ingest goes on when the first gives up', async (store) => {
    const digest = digestOf(small);
    const first = await mustIngest(store, digest);
    await first.write(small.subarray(0, 4));
    const second = store.ingest(digest);
    await first[Symbol.asyncDispose]();
    await using ingest = await second;
    assert.equal(ingest?.offset, 4);
    await ingest.write(small.subarray(4));
    await ingest.commit();
  });

  check('a wait ends with the reason of its signal', async (store) => {
    const digest = digestOf(small);
    await using first = await mustIngest(store, digest);
    const reason = new Error('enough');
    const abort = new AbortController();
    const onWait = (): void => {
      abort.abort(reason);
    };
    await assert.rejects(store.ingest(digest, { signal: abort.signal, onWait }), reason);
    await first.write(small);
    await first.commit();
  });
}

function checkUploads(check: Check): void {
  check('an upload goes on by its id and finds its digest', async (store) => {
    for (const at of [0, 5]) {
      await using upload = await store.upload('id-1');
      assert.equal(upload.offset, at);
      await upload.write(small.subarray(at, at === 0 ? 5 : undefined));
    }
    await using upload = await store.upload('id-1');
    assert.deepEqual(await upload.commit(), { digest: digestOf(small), size: small.length });
    assert.ok(small.equals(await collect(store.read(digestOf(small)))));
    await using again = await store.upload('id-1');
    assert.equal(again.offset, 0);
  });

  check('an upload with a wrong size or digest stays and can be finished', async (store) => {
    await using upload = await store.upload('x');
    await upload.write(small.subarray(0, 5));
    const digest = digestOf(small, 'sha512');
    await assert.rejects(upload.commit({ size: 6 }), fails('corrupt', 'blob-size'));
    await assert.rejects(upload.commit({ digest: digestOf(small) }), fails('corrupt', 'blob-digest'));
    await assert.rejects(upload.commit({ digest }), fails('corrupt', 'blob-digest'));
    await upload.write(small.subarray(5));
    assert.deepEqual(await upload.commit({ digest, size: small.length }), { digest, size: small.length });
  });

  check('an upload of what is here already ends well, and a discarded one leaves nothing', async (store) => {
    const digest = await put(store, small);
    await using upload = await store.upload('x');
    await upload.write(small);
    assert.deepEqual(await upload.commit(), { digest, size: small.length });
    await using dropped = await store.upload('y');
    await dropped.write(small);
    await dropped.discard();
    await using again = await store.upload('y');
    assert.equal(again.offset, 0);
  });

  check('an upload id that is no plain name is refused', async (store) => {
    for (const id of ['', '..', 'a/b', 'a\0', 'é', 'x'.repeat(129)]) {
      await assert.rejects(store.upload(id), fails('invalid-argument', 'upload-id'));
    }
  });
}
