import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { digestOf } from '#oci';
import { temporaryDirectory } from '../support/peers.ts';
import {
  ask,
  begin,
  expectBlob,
  expectManifest,
  expectStatus,
  pushBlob,
  pushImage,
  tagsOf,
  withDigest,
} from './conformance/target.ts';
import { startRegistry } from './process.ts';

const headers = { 'content-type': 'application/octet-stream' };

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`an upload goes on where it was after ${signal}`, async () => {
    await using directory = await temporaryDirectory('registry');
    const bytes = randomBytes(2_000_000);
    let location: string;
    {
      await using registry = await startRegistry(directory.path);
      location = new URL(await begin(registry, 'a'), registry.url).pathname;
      const first = {
        headers: { ...headers, 'content-range': '0-999999' },
        body: bytes.subarray(0, 1_000_000),
      };
      expectStatus(await ask(registry, `PATCH ${location}`, first), 202);
      await registry.end(signal);
    }
    await using registry = await startRegistry(directory.path);
    const status = expectStatus(await ask(registry, `GET ${location}`), 204);
    assert.equal(status.headers.get('range'), '0-999999');
    const rest = {
      headers: { ...headers, 'content-range': '1000000-1999999' },
      body: bytes.subarray(1_000_000),
    };
    expectStatus(await ask(registry, `PUT ${withDigest(location, digestOf(bytes))}`, rest), 201);
    await expectBlob(registry, 'a', bytes);
  });
}

test('all that was acknowledged is there after kill -9 at any time', async () => {
  await using directory = await temporaryDirectory('registry');
  const pushed: { tag: string; image: Awaited<ReturnType<typeof pushImage>> }[] = [];
  for (let round = 0; round < 3; round++) {
    await using registry = await startRegistry(directory.path);
    const kill = setTimeout(() => void registry.end('SIGKILL'), 300 + round * 150);
    try {
      for (let n = 0; ; n++) {
        const tag = `r${round}-${n}`;
        const image = await pushImage(registry, 'a', { tags: [tag], layers: [randomBytes(100_000)] });
        pushed.push({ tag, image });
      }
    } catch (error) {
      // The connection ends with the process.
      assert.ok(error instanceof TypeError, String(error));
    } finally {
      clearTimeout(kill);
    }
  }
  assert.ok(pushed.length > 0);
  await using registry = await startRegistry(directory.path);
  const { tags } = await tagsOf(registry, 'a');
  for (const { tag, image } of pushed) {
    assert.ok(tags.includes(tag), tag);
    await expectManifest(registry, 'a', tag, image);
    await expectBlob(registry, 'a', image.layers[0]!);
  }
});

test('a blob that a dying registry was sent is either whole or not there', async () => {
  await using directory = await temporaryDirectory('registry');
  const bytes = randomBytes(20_000_000);
  {
    await using registry = await startRegistry(directory.path);
    setTimeout(() => void registry.end('SIGKILL'), 30);
    await pushBlob(registry, 'a', bytes).catch(() => undefined);
    await registry.end('SIGKILL');
  }
  await using registry = await startRegistry(directory.path);
  const got = await ask(registry, `GET /v2/a/blobs/${digestOf(bytes)}`);
  assert.ok(got.status === 404 || got.body.equals(bytes));
  await pushBlob(registry, 'a', bytes);
  await expectBlob(registry, 'a', bytes);
});
