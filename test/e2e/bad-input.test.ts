/** Everything that goes wrong on the way: one clear sentence, docker's exit code, nothing half there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, openFaultyRegistry, type FaultyRegistry } from '../support/faulty-registry.ts';
import { gantry } from '../support/gantry.ts';
import {
  openRegistry,
  succeed,
  temporaryDirectory,
  type Registry,
  type RunResult,
} from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';

const image = randomImage({ seed: 7, layers: 3, fileSize: 400_000 });
const [low, middle] = image.descriptors.layers;
const bin = new URL('../../bin/gantry.mjs', import.meta.url).pathname;

describe('what goes wrong in a pull', () => {
  const stack = new AsyncDisposableStack();
  let upstream: Registry;
  let registry: FaultyRegistry;
  let scratch: string;
  let stores = 0;

  before(async () => {
    upstream = stack.use(await openRegistry());
    await publish(upstream.url, 'bad/image', '1', image);
    registry = stack.use(await openFaultyRegistry(upstream.url));
    scratch = stack.use(await temporaryDirectory('bad')).path;
  });
  after(() => stack.disposeAsync());

  const newStore = () => join(scratch, `store-${++stores}`);
  const name = () => `${registry.host}/bad/image:1`;
  const onBlob = (digest: string, fault: Fault) => (seen: { method: string; path: string }) =>
    seen.method === 'GET' && seen.path.endsWith(digest) ? fault : undefined;
  const pull = (store: string): Promise<RunResult> => gantry(['--data-root', store, 'pull', name()]);

  /** The failure is one sentence, and the store shows nothing of the image. */
  async function assertNothingShown(
    store: string,
    { code, stderr }: RunResult,
    sentence: RegExp,
  ): Promise<void> {
    assert.equal(code, 1);
    assert.match(stderr.trim(), sentence);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    const { stdout } = await gantry(['--data-root', store, 'images', '--all', '--quiet']);
    assert.equal(stdout, '');
  }

  async function assertPullsNow(store: string): Promise<void> {
    registry.fault = () => undefined;
    const { code, stderr } = await pull(store);
    assert.equal(code, 0, stderr);
    const { stdout } = await gantry([
      '--data-root',
      store,
      'image',
      'inspect',
      '--format',
      '{{.Id}}',
      name(),
    ]);
    assert.equal(stdout.trim(), image.imageId);
  }

  test('a layer with a wrong byte is refused by its digest, and fetched again the next time', async () => {
    const store = newStore();
    registry.fault = onBlob(low!.digest, { kind: 'corrupt', at: 1000 });
    await assertNothingShown(store, await pull(store), new RegExp(low!.digest));
    await assertPullsNow(store);
  });

  test('a layer that ends early is asked for again from where it ended', async () => {
    const store = newStore();
    let faults = 0;
    registry.fault = (seen) =>
      seen.path.endsWith(middle!.digest) && faults++ === 0 ? { kind: 'cut', after: 100_000 } : undefined;
    const from = registry.seen.length;
    const { code, stderr } = await pull(store);
    assert.equal(code, 0, stderr);
    const ranges = registry.seen
      .slice(from)
      .filter(({ method, path }) => method === 'GET' && path.endsWith(middle!.digest))
      .map(({ range }) => range);
    assert.equal(ranges.length, 2);
    assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
  });

  test('a page of HTML where the registry should be is named as such', async () => {
    const store = newStore();
    registry.fault = () => ({ kind: 'answer', status: 200, type: 'text/html', body: '<html>Log in</html>' });
    await assertNothingShown(store, await pull(store), /text\/html/);
    await assertPullsNow(store);
  });

  test('a registry that fails says so after its retries', async () => {
    const store = newStore();
    registry.fault = ({ path }) =>
      path.includes('/manifests/')
        ? {
            kind: 'answer',
            status: 403,
            type: 'application/json',
            body: '{"errors":[{"code":"DENIED","message":"no"}]}',
          }
        : undefined;
    await assertNothingShown(store, await pull(store), /pull access denied for .*bad\/image/);
  });

  test('a manifest that is no JSON is refused', async () => {
    const store = newStore();
    registry.fault = ({ path }) =>
      path.includes('/manifests/')
        ? {
            kind: 'answer',
            status: 200,
            type: 'application/vnd.oci.image.manifest.v1+json',
            body: '{"layers":',
          }
        : undefined;
    await assertNothingShown(store, await pull(store), /manifest/);
  });

  test('a config for other layers is refused, and no name is left', async () => {
    const store = newStore();
    const other = randomImage({ seed: 8, layers: 2 });
    const bytes = Buffer.from(image.manifest)
      .toString()
      .replace(image.descriptors.config.digest, other.descriptors.config.digest)
      .replace(`"size":${image.config.length}`, `"size":${other.config.length}`);
    registry.fault = ({ path }) => {
      if (path.includes('/manifests/')) {
        return {
          kind: 'answer',
          status: 200,
          type: 'application/vnd.oci.image.manifest.v1+json',
          body: bytes,
        };
      }
      return path.endsWith(other.descriptors.config.digest)
        ? {
            kind: 'answer',
            status: 200,
            type: 'application/octet-stream',
            body: Buffer.from(other.config).toString(),
          }
        : undefined;
    };
    await assertNothingShown(
      store,
      await pull(store),
      /layers from manifest don't match image configuration/,
    );
  });

  test('a full disk is named, and what was there stays', async () => {
    const disk = join(scratch, 'small');
    await mkdir(disk);
    await succeed('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      const store = join(disk, 'store');
      registry.fault = () => undefined;
      await assertNothingShown(store, await pull(store), /no space left on device/);
    } finally {
      await succeed('umount', [disk]);
    }
  });

  test('killed in the middle, the next pull goes on from the byte that was reached', async () => {
    const store = newStore();
    registry.fault = ({ method, path }) =>
      method === 'GET' && path.includes('/blobs/') ? { kind: 'slow', rate: 150_000 } : undefined;
    const child = spawn(process.execPath, [bin, '--data-root', store, 'pull', name()], { stdio: 'ignore' });
    await waitForBytes(store, 100_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const from = registry.seen.length;
    await assertPullsNow(store);
    const resumed = registry.seen.slice(from).filter(({ range }) => range !== undefined);
    assert.ok(resumed.length >= 1, 'at least one layer was resumed');
  });

  test('interrupted, the command ends with 130 and keeps what it fetched', async () => {
    const store = newStore();
    registry.fault = ({ method, path }) =>
      method === 'GET' && path.includes('/blobs/') ? { kind: 'slow', rate: 150_000 } : undefined;
    const child = spawn(process.execPath, [bin, '--data-root', store, 'pull', name()], { stdio: 'ignore' });
    await waitForBytes(store, 100_000);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 130);
    const from = registry.seen.length;
    await assertPullsNow(store);
    assert.ok(registry.seen.slice(from).some(({ range }) => range !== undefined));
  });

  test('ten processes that pull one image make one download and ten successes', async () => {
    const store = newStore();
    registry.fault = ({ method, path }) =>
      method === 'GET' && path.includes('/blobs/') ? { kind: 'slow', rate: 400_000 } : undefined;
    const from = registry.seen.length;
    const results = await Promise.all(Array.from({ length: 10 }, () => pull(store)));
    for (const { code, stderr } of results) assert.equal(code, 0, stderr);
    const blobs = registry.seen
      .slice(from)
      .filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'));
    assert.equal(blobs.length, 1 + image.layers.length, 'config and layers once each');
  });

  test('unknown names and bad references are refused in docker’s words', async () => {
    const store = newStore();
    registry.fault = () => undefined;
    const unknown = await gantry(['--data-root', store, 'pull', `${registry.host}/bad/image:nope`]);
    assert.equal(unknown.code, 1);
    assert.match(
      unknown.stderr,
      /^Error response from daemon: manifest for .*bad\/image:nope not found: manifest unknown/,
    );
    const bad = await gantry(['--data-root', store, 'pull', 'team/UPPER']);
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /^invalid reference format/);
  });

  test('a truncated archive is refused, and what was there stays', async () => {
    const store = newStore();
    await assertPullsNow(store);
    const archive = join(scratch, 'archive.tar');
    assert.equal((await gantry(['--data-root', store, 'save', '--output', archive, name()])).code, 0);
    await succeed('truncate', ['--size', '300000', archive]);
    const other = newStore();
    const loaded = await gantry(['--data-root', other, 'load', '--input', archive]);
    await assertNothingShown(other, loaded, /tar|archive/);
    await writeFile(archive, 'no archive at all');
    assert.equal((await gantry(['--data-root', store, 'load', '--input', archive])).code, 1);
    const { stdout } = await gantry(['--data-root', store, 'images', '--quiet', '--no-trunc']);
    assert.equal(stdout.trim(), image.imageId);
  });
});

async function waitForBytes(store: string, bytes: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const used = await succeed('sh', ['-c', `du -sb ${store}/ingests 2>/dev/null | cut -f1 || true`]);
    if (Number(used.trim()) > bytes) return;
    await sleep(50);
  }
  throw new Error(`nothing came into ${store}`);
}
