/** The clients that people have, against our registry. Needs root for dockerd and podman. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hash } from 'bcryptjs';
import { digestOf } from '#oci';
import { openHtpasswd } from '#registry-server';
import { openDockerd, requireTools, succeed, temporaryDirectory } from '../support/peers.ts';
import { publish, publishIndex } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { openOurs } from './ours.ts';

const image = randomImage({ layers: 3, seed: 7, fileSize: 400_000 });
const digest = digestOf(image.manifest);

test('skopeo copies to, from and within our registry, lists and deletes, and no byte changes', async () => {
  await requireTools(['skopeo']);
  await using directory = await temporaryDirectory('skopeo');
  await using ours = await openOurs();
  const skopeo = (...words: string[]): Promise<string> => succeed('skopeo', words);
  const plain = ['--src-tls-verify=false', '--dest-tls-verify=false'];
  const at = (name: string): string => `docker://${ours.host}/${name}`;
  await publish(ours.url, 'team/source', 'v1', image);
  const layout = `oci:${join(directory.path, 'layout')}:v1`;
  await skopeo('copy', '--src-tls-verify=false', at('team/source:v1'), layout);
  await skopeo('copy', '--dest-tls-verify=false', layout, at('other/pushed:v1'));
  await skopeo('copy', ...plain, at('team/source:v1'), at('third/mounted:v1'));
  for (const name of ['other/pushed', 'third/mounted']) {
    const inspected = await skopeo('inspect', '--tls-verify=false', at(`${name}:v1`));
    assert.equal((JSON.parse(inspected) as { Digest: string }).Digest, digest);
  }
  const other = randomImage({ seed: 8, platform: { os: 'linux', architecture: 'arm64' } });
  const index = await publishIndex(ours.url, 'team/multi', 'all', [image, other]);
  await skopeo('copy', '--all', ...plain, at('team/multi:all'), at('copied/multi:all'));
  assert.equal((await ours.registry.headManifest('copied/multi', 'all'))?.digest, digestOf(index));
  const listed = await skopeo('list-tags', '--tls-verify=false', at('team/multi'));
  assert.deepEqual((JSON.parse(listed) as { Tags: string[] }).Tags, ['all']);
  await skopeo('delete', '--tls-verify=false', at('other/pushed:v1'));
  assert.equal(await ours.registry.headManifest('other/pushed', digest), undefined);
  assert.deepEqual(ours.failures, []);
});

test('podman pulls, pushes and searches', async () => {
  await requireTools(['podman']);
  await using directory = await temporaryDirectory('podman');
  await using ours = await openOurs();
  const storage = ['--root', join(directory.path, 'root'), '--runroot', join(directory.path, 'run')];
  const podman = (...words: string[]): Promise<string> =>
    succeed('podman', [...storage, '--storage-driver=vfs', ...words]);
  await publish(ours.url, 'team/app', 'v1', image);
  const id = await podman('pull', '--quiet', '--tls-verify=false', `${ours.host}/team/app:v1`);
  assert.equal(`sha256:${id.trim()}`, image.imageId);
  await podman('push', '--tls-verify=false', `${ours.host}/team/app:v1`, `${ours.host}/again/app:v2`);
  const pushed = await ours.registry.getManifest('again/app', 'v2');
  assert.ok(Buffer.from(pushed.bytes).includes(image.descriptors.config.digest));
  const found = await podman('search', '--tls-verify=false', '--format={{.Name}}', `${ours.host}/again`);
  assert.match(found, /again\/app/);
  assert.deepEqual(ours.failures, []);
});

test('docker pulls, pushes and searches', async () => {
  await using directory = await temporaryDirectory('d');
  await using ours = await openOurs();
  await using dockerd = await openDockerd({ dir: directory.path });
  const docker = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await dockerd.docker(words);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  await publish(ours.url, 'team/app', 'v1', image);
  await docker('pull', '--quiet', `${ours.host}/team/app:v1`);
  await docker('tag', `${ours.host}/team/app:v1`, `${ours.host}/again/app:v2`);
  const pushed = await docker('push', `${ours.host}/again/app:v2`);
  const told = /v2: digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1];
  const head = await ours.registry.headManifest('again/app', 'v2');
  assert.equal(head?.digest, told);
  await docker('rmi', `${ours.host}/team/app:v1`, `${ours.host}/again/app:v2`);
  await docker('pull', '--quiet', `${ours.host}/again/app@${told}`);
  assert.match(await docker('images', '--no-trunc', '--quiet'), new RegExp(image.imageId));
  const found = await docker('search', '--format={{.Name}}', `${ours.host}/again`);
  assert.equal(found.trim(), 'again/app');
  assert.deepEqual(ours.failures, []);
});

test('docker logs in, and pushes where pulling is free', async () => {
  await using directory = await temporaryDirectory('d');
  const file = join(directory.path, 'htpasswd');
  await writeFile(file, `ann:${await hash('secret', 4)}\n`);
  await using ours = await openOurs({ access: { users: await openHtpasswd(file), anonymousPull: true } });
  await ours.registry.putBlob('seed/app', {
    ...image.descriptors.config,
    open: () => chunk(image.config),
  });
  for (const [index, layer] of image.descriptors.layers.entries()) {
    await ours.registry.putBlob('seed/app', { ...layer, open: () => chunk(image.layers[index]!) });
  }
  const { mediaType } = image.descriptors.manifest;
  await ours.registry.putManifest('seed/app', 'v1', { bytes: image.manifest, mediaType });
  await succeed('skopeo', [
    ...['copy', '--src-tls-verify=false', '--src-no-creds', `docker://${ours.host}/seed/app:v1`],
    `dir:${join(directory.path, 'free')}`,
  ]);

  await using dockerd = await openDockerd({ dir: directory.path });
  const wrong = await dockerd.docker(['login', '-u', 'ann', '--password-stdin', ours.host], { input: 'no' });
  assert.notEqual(wrong.code, 0);
  const login = await dockerd.docker(['login', '-u', 'ann', '--password-stdin', ours.host], {
    input: 'secret',
  });
  assert.equal(login.code, 0, login.stderr);
  for (const words of [
    ['pull', '--quiet', `${ours.host}/seed/app:v1`],
    ['tag', `${ours.host}/seed/app:v1`, `${ours.host}/mine/app:v1`],
    ['push', `${ours.host}/mine/app:v1`],
    ['search', `${ours.host}/mine`],
  ]) {
    const { code, stderr } = await dockerd.docker(words);
    assert.equal(code, 0, stderr);
  }
  assert.ok(await ours.registry.headManifest('mine/app', 'v1'));
  assert.deepEqual(ours.failures, []);
});

async function* chunk(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
