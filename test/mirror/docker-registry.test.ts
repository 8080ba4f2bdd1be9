/** Our mirror over HTTP, with Debian's docker-registry as upstream and faults in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseMirrorSettings } from '#mirror';
import { openFaultyRegistry, type FaultyRegistry } from '../support/faulty-registry.ts';
import { openRegistry, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { startRegistry, type RegistryProcess } from '../registry/process.ts';
import { openOurMirror, type OurMirror } from './ours.ts';

const image = randomImage({ layers: 1, seed: 11, fileSize: 2_000_000 });
const layer = image.descriptors.layers[0]!;
const bytes = Buffer.from(image.layers[0]!);

interface Scene extends AsyncDisposable {
  readonly faulty: FaultyRegistry;
  readonly url: string;
  /** How often the upstream was asked for the layer. */
  readonly gets: () => number;
}

/** A docker-registry that holds the image as `library/app:v1`, with a place for faults before it. */
async function openUpstream(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(await openRegistry());
  await publish(registry.url, 'library/app', 'v1', image);
  const faulty = stack.use(await openFaultyRegistry(registry.url));
  const owned = stack.move();
  return {
    ...{ faulty, url: registry.url },
    gets: () =>
      faulty.seen.filter(({ method, path }) => method === 'GET' && path.includes(`/blobs/${layer.digest}`))
        .length,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const blobUrl = ({ url }: { url: string }): string => `${url}/v2/docker.io/library/app/blobs/${layer.digest}`;
const tagUrl = ({ url }: OurMirror): string => `${url}/v2/library/app/manifests/v1?ns=docker.io`;
const isBlob = ({ path }: { path: string }): boolean => path.includes('/blobs/sha256');

async function read(url: string, init: RequestInit = {}): Promise<Buffer> {
  const answer = await fetch(url, init);
  assert.ok(answer.ok, `${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** Waits until the mirror has the layer. */
async function whole({ registry }: OurMirror): Promise<void> {
  while ((await registry.headBlob('docker.io/library/app', layer.digest)) === undefined) await sleep(20);
}

test('eight cold clients of one blob are one transfer', async () => {
  await using upstream = await openUpstream();
  await using ours = await openOurMirror({ upstream: upstream.faulty.host });
  upstream.faulty.fault = (request) => (isBlob(request) ? { kind: 'slow', rate: 8_000_000 } : undefined);
  assert.ok(Buffer.from(image.manifest).equals(await read(tagUrl(ours))));
  const all = await Promise.all(Array.from({ length: 8 }, () => read(blobUrl(ours))));
  for (const one of all) assert.ok(one.equals(bytes));
  assert.equal(upstream.gets(), 1);
  const [range, warm] = [
    await fetch(blobUrl(ours), { headers: { range: 'bytes=100-199' } }),
    await fetch(blobUrl(ours), { method: 'HEAD' }),
  ];
  assert.deepEqual([range.status, range.headers.get('x-cache')], [206, 'HIT']);
  assert.ok(Buffer.from(await range.arrayBuffer()).equals(bytes.subarray(100, 200)));
  assert.equal(warm.headers.get('content-length'), String(layer.size));
  assert.equal(upstream.gets(), 1);
  assert.deepEqual(ours.failures, []);
});

test('a range of a cold blob is a part of it, and fills it', async () => {
  await using upstream = await openUpstream();
  await using ours = await openOurMirror({ upstream: upstream.faulty.host });
  const answer = await fetch(blobUrl(ours), { headers: { range: 'bytes=1500000-1500099' } });
  assert.equal(answer.status, 206);
  assert.equal(answer.headers.get('content-range'), `bytes 1500000-1500099/${layer.size}`);
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes.subarray(1_500_000, 1_500_100)));
  await whole(ours);
  assert.equal(upstream.gets(), 1);
});

test('the transfer goes on when its clients leave', async () => {
  await using upstream = await openUpstream();
  await using ours = await openOurMirror({ upstream: upstream.faulty.host });
  upstream.faulty.fault = (request) => (isBlob(request) ? { kind: 'slow', rate: 4_000_000 } : undefined);
  const client = new AbortController();
  const answer = await fetch(blobUrl(ours), { signal: client.signal });
  const reader = answer.body!.getReader();
  await reader.read();
  client.abort();
  await whole(ours);
  assert.ok((await read(blobUrl(ours))).equals(bytes));
  assert.equal(upstream.gets(), 1);
  assert.deepEqual(ours.failures, []);
});

test('a line that breaks is taken up where it broke, and no client notices', async () => {
  await using upstream = await openUpstream();
  await using ours = await openOurMirror({ upstream: upstream.faulty.host });
  let cuts = 2;
  upstream.faulty.fault = (request) => {
    if (!isBlob(request) || request.method !== 'GET' || cuts-- <= 0) return undefined;
    return { kind: 'cut', after: 600_000 };
  };
  const all = await Promise.all([1, 2, 3].map(() => read(blobUrl(ours))));
  for (const one of all) assert.ok(one.equals(bytes));
  const ranges = upstream.faulty.seen.filter(({ range }) => range !== undefined);
  assert.equal(ranges.length, 2, 'each break is gone on from with a range');
});

test('wrong bytes cut the clients who read them, and are not kept', async () => {
  await using upstream = await openUpstream();
  await using ours = await openOurMirror({ upstream: upstream.faulty.host });
  upstream.faulty.fault = (request) => (isBlob(request) ? { kind: 'corrupt', at: 1000 } : undefined);
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => read(blobUrl(ours))));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.equal(await ours.registry.headBlob('docker.io/library/app', layer.digest), undefined);
  upstream.faulty.fault = () => undefined;
  assert.ok((await read(blobUrl(ours))).equals(bytes));
});

test('while the upstream is down, limits or shows a page, a tag is answered as it was, with a warning', async () => {
  await using upstream = await openUpstream();
  await using ours = await openOurMirror({ upstream: upstream.faulty.host });
  await read(tagUrl(ours));
  const faults = [
    {
      kind: 'answer',
      status: 429,
      type: 'application/json',
      body: '{"errors":[{"code":"TOOMANYREQUESTS"}]}',
    },
    { kind: 'answer', status: 200, type: 'text/html', body: '<html>log in</html>' },
    { kind: 'answer', status: 503, type: 'text/plain', body: 'down' },
  ] as const;
  for (const fault of faults) {
    upstream.faulty.fault = () => fault;
    ours.pass(120_000);
    const answer = await fetch(tagUrl(ours));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-cache'), 'STALE');
    assert.match(answer.headers.get('warning') ?? '', /^299 - "docker.io could not be asked/);
    assert.ok(Number(answer.headers.get('age')) >= 120);
    assert.equal(answer.headers.get('docker-content-digest'), image.descriptors.manifest.digest);
    await answer.arrayBuffer();
  }
  // A blob that is not here cannot come from anywhere.
  const cold = await fetch(blobUrl(ours));
  assert.ok([429, 500, 503].includes(cold.status), `${cold.status}`);
  upstream.faulty.fault = () => undefined;
  ours.pass(120_000);
  assert.equal((await fetch(tagUrl(ours))).headers.get('x-cache'), 'REVALIDATED');
});

/** A mirror in a process of its own. */
function startMirror(root: string, { faulty }: Scene): Promise<RegistryProcess> {
  const mirror = parseMirrorSettings({ upstreams: [{ domain: 'docker.io', address: faulty.host }] });
  return startRegistry(root, { mirror });
}

test('a mirror that is killed in a transfer goes on with it when it is back', async () => {
  await using upstream = await openUpstream();
  await using home = await temporaryDirectory('mirror');
  upstream.faulty.fault = (request) => (isBlob(request) ? { kind: 'slow', rate: 2_000_000 } : undefined);
  {
    await using ours = await startMirror(home.path, upstream);
    const answer = await fetch(blobUrl(ours));
    const reader = answer.body!.getReader();
    for (let taken = 0; taken < 300_000;) taken += ((await reader.read()).value as Uint8Array).length;
    reader.closed.catch(() => undefined);
    await ours.end('SIGKILL');
  }
  upstream.faulty.fault = () => undefined;
  const before = upstream.faulty.seen.length;
  await using ours = await startMirror(home.path, upstream);
  assert.ok((await read(blobUrl(ours))).equals(bytes));
  const resumed = upstream.faulty.seen.slice(before).find((request) => request.range !== undefined);
  assert.ok(Number(/^bytes=(\d+)-/.exec(resumed?.range ?? '')?.[1]) >= 300_000, resumed?.range);
});

test('two processes over one store are one transfer', async () => {
  await using upstream = await openUpstream();
  await using home = await temporaryDirectory('mirror');
  upstream.faulty.fault = (request) => (isBlob(request) ? { kind: 'slow', rate: 4_000_000 } : undefined);
  await using one = await startMirror(home.path, upstream);
  await using two = await startMirror(home.path, upstream);
  const all = await Promise.all([one, two, one, two].map((ours) => read(blobUrl(ours))));
  for (const each of all) assert.ok(each.equals(bytes));
  assert.equal(upstream.gets(), 1);
});

test('credentials that a client sends are never passed on', async () => {
  await using upstream = await openRegistry({ auth: { user: 'mirror', password: 'secret' } });
  await using faulty = await openFaultyRegistry(upstream.url);
  await using ours = await openOurMirror({ upstream: faulty.host });
  const theirs = `Basic ${Buffer.from('mirror:secret').toString('base64')}`;
  const answer = await fetch(tagUrl(ours), { headers: { authorization: theirs } });
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /refuses the mirror/);

  const credentials = { username: 'mirror', password: 'secret' };
  await using trusted = await openOurMirror({ upstream: faulty.host, more: { credentials } });
  assert.equal((await fetch(tagUrl(trusted))).status, 404);
});
