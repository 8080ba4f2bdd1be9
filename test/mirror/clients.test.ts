/** The clients that people have, pulling through our mirror as its own words configure them. Needs root. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { clientConfig } from '#mirror';
import { openFaultyRegistry, type FaultyRegistry } from '../support/faulty-registry.ts';
import { openDockerd, openRegistry, requireTools, succeed, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { openOurMirror, type OurMirror } from './ours.ts';

const image = randomImage({ layers: 3, seed: 21, fileSize: 300_000 });

interface Scene extends AsyncDisposable {
  readonly ours: OurMirror;
  readonly seen: FaultyRegistry['seen'];
}

/** A mirror of a docker-registry that stands for Docker Hub and holds `library/app:v1`. */
async function openScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(await openRegistry());
  await publish(registry.url, 'library/app', 'v1', image);
  const faulty = stack.use(await openFaultyRegistry(registry.url));
  const ours = stack.use(await openOurMirror({ upstream: faulty.host }));
  const owned = stack.move();
  return { ours, seen: faulty.seen, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Each blob came once, whoever asked. */
function expectOneTransferEach({ ours, seen }: Scene): void {
  const blobs = seen.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'));
  const { config, layers } = image.descriptors;
  assert.equal(blobs.length, [config, ...layers].length);
  assert.deepEqual(ours.failures, []);
}

test('docker pulls Docker Hub’s images through its registry-mirrors', async () => {
  await using directory = await temporaryDirectory('d');
  await using scene = await openScene();
  const address = { url: scene.ours.url, upstreams: ['docker.io'] };
  const settings = JSON.parse(clientConfig('docker', address)[0]!.text) as Record<string, string[]>;
  const args = settings['registry-mirrors']!.map((mirror) => `--registry-mirror=${mirror}`);
  await using dockerd = await openDockerd({ dir: directory.path, args });
  const pulled = await dockerd.docker(['pull', '--quiet', 'app:v1']);
  assert.equal(pulled.code, 0, pulled.stderr);
  const { stdout } = await dockerd.docker(['images', '--no-trunc', '--quiet']);
  assert.equal(stdout.trim(), image.imageId);
  expectOneTransferEach(scene);
});

test('containerd pulls with ns, by its hosts.toml', async () => {
  await requireTools(['ctr']);
  await using directory = await temporaryDirectory('d');
  await using scene = await openScene();
  for (const { path, text } of clientConfig('containerd', {
    url: scene.ours.url,
    upstreams: ['docker.io'],
  })) {
    const folder = join(directory.path, 'hosts', basename(dirname(path)));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, basename(path)), text);
  }
  // Docker's own containerd is as good as any.
  await using _ = await openDockerd({ dir: directory.path });
  const socket = join(directory.path, 'exec', 'containerd', 'containerd.sock');
  const ctr = (...words: string[]): Promise<string> => succeed('ctr', ['--address', socket, ...words]);
  await ctr('content', 'fetch', '--hosts-dir', join(directory.path, 'hosts'), 'docker.io/library/app:v1');
  const listed = await ctr('content', 'ls', '--quiet');
  for (const { digest } of image.descriptors.layers) assert.ok(listed.includes(digest));
  expectOneTransferEach(scene);
});

test('podman pulls by its registries.conf, and anyone by the path', async () => {
  await requireTools(['podman', 'skopeo']);
  await using directory = await temporaryDirectory('podman');
  await using scene = await openScene();
  const [file] = clientConfig('podman', { url: scene.ours.url, upstreams: ['docker.io'] });
  const conf = join(directory.path, 'registries.conf');
  await writeFile(conf, file!.text);
  const storage = ['--root', join(directory.path, 'root'), '--runroot', join(directory.path, 'run')];
  const id = await succeed(
    'podman',
    [...storage, '--storage-driver=vfs', 'pull', '--quiet', 'docker.io/library/app:v1'],
    { env: { CONTAINERS_REGISTRIES_CONF: conf } },
  );
  assert.equal(`sha256:${id.trim()}`, image.imageId);
  await succeed('skopeo', [
    ...['copy', '--src-tls-verify=false', `docker://${scene.ours.host}/docker.io/library/app:v1`],
    `dir:${join(directory.path, 'copy')}`,
  ]);
  expectOneTransferEach(scene);
});
