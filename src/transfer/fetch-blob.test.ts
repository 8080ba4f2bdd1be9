import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createMemoryContent, type ContentStore, type GrowingFile } from '#content';
import { GantryError, isAbort } from '#errors';
import { digestOf, mediaTypes, type Descriptor } from '#oci';
import type { BlobBody, RegistryReader } from '#registry';
import { fetchBlob, type FetchBlobOptions } from './fetch-blob.ts';

const blob = randomBytes(10_000);
const descriptor: Descriptor = { mediaType: mediaTypes.ociLayer, digest: digestOf(blob), size: blob.length };
const broken = new GantryError('unavailable', 'registry-unreachable', 'the line broke');

/** A reader that answers each request for a blob with the next of `answers`, the last for ever. */
function readerOf(
  ...answers: ((offset: number) => Promise<BlobBody>)[]
): RegistryReader & { asked: number[] } {
  const asked: number[] = [];
  const unused = async (): Promise<never> => Promise.reject(new Error('not asked for'));
  return {
    asked,
    getManifest: unused,
    headManifest: unused,
    headBlob: unused,
    getBlob: async (_repository, _digest, { offset = 0 } = {}) => {
      asked.push(offset);
      return answers[Math.min(asked.length, answers.length) - 1]!(offset);
    },
  };
}

interface Sending {
  readonly bytes?: Buffer;
  /** Where the answer begins. */
  readonly from?: (offset: number) => number;
  /** What the answer says of the size. */
  readonly size?: number;
}

/** Sends `bytes` from `offset` in small pieces up to `end`, then breaks unless that is all. */
const sending =
  (end = blob.length, { bytes = blob, from = (offset) => offset, size }: Sending = { size: blob.length }) =>
  async (asked: number): Promise<BlobBody> => {
    const offset = from(asked);
    async function* body(): AsyncIterable<Uint8Array> {
      for (let at = offset; at < end; at += 700) yield bytes.subarray(at, Math.min(at + 700, end));
      if (end < bytes.length) throw broken;
    }
    return { offset, size, body: body() };
  };

async function fetchFrom(
  reader: RegistryReader,
  options: Partial<FetchBlobOptions> = {},
): Promise<{ store: ContentStore; waits: number[]; result: string }> {
  const store = options.store ?? createMemoryContent();
  const waits: number[] = [];
  const wait = async (milliseconds: number): Promise<void> => void waits.push(milliseconds);
  const result = await fetchBlob({
    reader,
    repository: 'a/b',
    descriptor,
    store,
    wait,
    random: () => 0,
    ...options,
  });
  return { store, waits, result };
}

const stored = async (store: ContentStore): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(store.read(descriptor.digest)));

test('a blob is fetched once, and then it is there', async () => {
  const reader = readerOf(sending());
  const progress: number[] = [];
  const { store, result } = await fetchFrom(reader, { onProgress: (bytes) => progress.push(bytes) });
  assert.equal(result, 'fetched');
  assert.ok((await stored(store)).equals(blob));
  assert.equal(progress.at(-1), blob.length);
  assert.equal((await fetchFrom(reader, { store })).result, 'exists');
  assert.deepEqual(reader.asked, [0]);
});

test('a blob without bytes is not asked for', async () => {
  const reader = readerOf(sending());
  const empty = { ...descriptor, digest: digestOf(new Uint8Array()), size: 0 };
  const { store } = await fetchFrom(reader, { descriptor: empty });
  assert.equal((await store.stat(empty.digest))?.size, 0);
  assert.deepEqual(reader.asked, []);
});

test('after a break it goes on where it was, and no byte comes twice', async () => {
  const reader = readerOf(sending(3000), sending(5000), sending());
  const progress: number[] = [];
  const { store, waits } = await fetchFrom(reader, { onProgress: (bytes) => progress.push(bytes) });
  assert.deepEqual(reader.asked, [0, 3000, 5000]);
  assert.deepEqual(waits, [500, 500]);
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  );
  assert.ok((await stored(store)).equals(blob));
});

test('what an earlier fetch left is gone on with', async () => {
  const store = createMemoryContent();
  await assert.rejects(fetchFrom(readerOf(sending(3000)), { store, attempts: 1 }), broken);
  const reader = readerOf(sending());
  const growing: (GrowingFile | undefined)[] = [];
  const progress: number[] = [];
  await fetchFrom(reader, {
    store,
    onIngest: (file) => growing.push(file),
    onProgress: (bytes) => progress.push(bytes),
  });
  assert.deepEqual(reader.asked, [3000]);
  assert.equal(progress[0], 3000);
  assert.equal(growing.length, 1);
  assert.ok((await stored(store)).equals(blob));
});

test('a registry that begins elsewhere is read up to where we are', async () => {
  for (const start of [0, 1, 2999]) {
    const reader = readerOf(sending(3000), sending(undefined, { from: () => start }));
    const { store } = await fetchFrom(reader);
    assert.ok((await stored(store)).equals(blob), `from ${start}`);
  }
});

test('a registry that begins after what was asked for, or ends before the end, fails in the end', async () => {
  const late = readerOf(sending(undefined, { from: (offset) => offset + 1 }));
  await assert.rejects(fetchFrom(late), { kind: 'unavailable', code: 'registry-unreachable' });
  assert.equal(late.asked.length, 5);
  const short = readerOf(sending(3000, { bytes: blob.subarray(0, 3000) }));
  await assert.rejects(fetchFrom(short), { kind: 'unavailable', code: 'registry-unreachable' });
  assert.deepEqual(short.asked, [0, 3000, 3000, 3000, 3000]);
});

test('only attempts that bring nothing count, and waits grow', async () => {
  const silent = sending(0);
  const reader = readerOf(silent, silent, silent, sending(700), silent, silent, silent, silent);
  const retries: number[] = [];
  await assert.rejects(fetchFrom(reader, { onRetry: (delay) => retries.push(delay) }), broken);
  assert.deepEqual(retries, [500, 1000, 2000, 500, 1000, 2000, 4000]);
});

test('a blob of another size is refused before, and while, it is stored', async () => {
  const longer = Buffer.concat([blob, blob]);
  const announced = readerOf(sending(longer.length, { bytes: longer, size: longer.length }));
  await assert.rejects(fetchFrom(announced), { kind: 'corrupt', code: 'blob-size' });
  const store = createMemoryContent();
  const endless = readerOf(sending(longer.length, { bytes: longer }));
  await assert.rejects(fetchFrom(endless, { store }), { kind: 'corrupt', code: 'blob-size' });
  assert.equal(await store.stat(descriptor.digest), undefined);
  assert.equal(endless.asked.length, 1);
});

test('other bytes of the right size are refused, and the next fetch begins anew', async () => {
  const store = createMemoryContent();
  const wrong = readerOf(sending(undefined, { bytes: randomBytes(blob.length) }));
  await assert.rejects(fetchFrom(wrong, { store }), { kind: 'corrupt', code: 'blob-digest' });
  const right = readerOf(sending());
  await fetchFrom(right, { store });
  assert.deepEqual(right.asked, [0]);
});

test('a wrong part of an earlier fetch costs one more request, not the pull', async () => {
  const store = createMemoryContent();
  const wrong = sending(3000, { bytes: randomBytes(blob.length) });
  await assert.rejects(fetchFrom(readerOf(wrong), { store, attempts: 1 }), broken);
  const reader = readerOf(sending());
  let restarts = 0;
  await fetchFrom(reader, { store, onRestart: () => restarts++ });
  assert.deepEqual([reader.asked, restarts], [[3000, 0], 1]);
  assert.ok((await stored(store)).equals(blob));
});

test('a wrong part before the line broke is fetched anew, once', async () => {
  const wrong = sending(3000, { bytes: randomBytes(blob.length) });
  const healed = readerOf(wrong, sending(), sending());
  await fetchFrom(healed);
  assert.deepEqual(healed.asked, [0, 3000, 0]);
  const other = sending(undefined, { bytes: randomBytes(blob.length) });
  const hopeless = readerOf(wrong, other, other);
  await assert.rejects(fetchFrom(hopeless), { kind: 'corrupt', code: 'blob-digest' });
  assert.deepEqual(hopeless.asked, [0, 3000, 0]);
});

test('what will not pass is not tried again', async () => {
  const reader = readerOf(async () => Promise.reject(new GantryError('not-found', 'blob-unknown', 'x')));
  await assert.rejects(fetchFrom(reader), { code: 'blob-unknown' });
  assert.equal(reader.asked.length, 1);
});

test('two fetches of one blob make one transfer', async () => {
  const store = createMemoryContent();
  const reader = readerOf(sending());
  let waited = 0;
  const results = await Promise.all([
    fetchFrom(reader, { store }),
    fetchFrom(reader, { store, onWait: () => waited++ }),
  ]);
  assert.deepEqual(
    results.map(({ result }) => result),
    ['fetched', 'exists'],
  );
  assert.deepEqual([reader.asked, waited], [[0], 1]);
});

test('an abort ends it at once and keeps what came', async () => {
  const store = createMemoryContent();
  const stop = new AbortController();
  const onProgress = (bytes: number): void => {
    if (bytes >= 1400) stop.abort();
  };
  await assert.rejects(fetchFrom(readerOf(sending()), { store, onProgress, signal: stop.signal }), isAbort);
  const reader = readerOf(sending());
  await fetchFrom(reader, { store });
  assert.deepEqual(reader.asked, [1400]);
});
