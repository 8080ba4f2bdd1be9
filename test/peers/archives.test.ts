/**
 * Archives between us and Debian's dockerd, podman and skopeo, both ways: what one saves the other loads, as the same
 * image. Needs root.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspectImage, saveImages } from '#engine';
import { composeImage, tarOf } from '../support/compose-image.ts';
import { dockerArchive, load } from '../support/image-archives.ts';
import { legacyArchive } from '../support/legacy-archive.ts';
import { openDockerd, requireTools, succeed, temporaryDirectory } from '../support/peers.ts';
import { openTestEngine, type TestEngine } from '../support/test-engine.ts';

await requireTools(['dockerd', 'podman', 'skopeo']);

const image = composeImage([
  { tar: tarOf({ 'etc/': '', 'etc/name': 'base' }) },
  { tar: tarOf({ 'etc/name': 'top' }) },
]);
const name = 'docker.io/library/arch:1';

async function filled(): Promise<TestEngine> {
  const made = await openTestEngine();
  await load(made, dockerArchive(image, ['arch:1']));
  return made;
}

async function saveTo({ engine }: TestEngine, file: string): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await saveImages(engine, ['arch:1'])) chunks.push(Uint8Array.from(chunk));
  await writeFile(file, Buffer.concat(chunks));
}

/** Loads the archive into a new store and answers the id of the image of that name there. */
async function loaded(file: string, text = 'arch:1'): Promise<string> {
  await using made = await openTestEngine();
  await load(made, await readFile(file));
  return (await inspectImage(made.engine, text)).record.id;
}

test('dockerd loads what we save, we load what it saves, and archives of old become the same images', async () => {
  await using directory = await temporaryDirectory('archives');
  await using dockerd = await openDockerd({ dir: join(directory.path, 'd') });
  const docker = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await dockerd.docker(words);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  await using made = await filled();
  const [ours, theirs, old] = ['ours.tar', 'theirs.tar', 'old.tar'].map((file) =>
    join(directory.path, file),
  ) as [string, string, string];
  await saveTo(made, ours);
  assert.match(await docker('load', '-i', ours), /Loaded image: arch:1/);
  assert.equal(await docker('inspect', '-f', '{{.Id}}', 'arch:1'), image.imageId);
  await docker('save', '-o', theirs, 'arch:1');
  assert.equal(await loaded(theirs), image.imageId);
  await writeFile(old, tarOf(legacyArchive()));
  await docker('load', '-i', old);
  assert.equal(await loaded(old, 'old:1'), await docker('inspect', '-f', '{{.Id}}', 'old:1'));
});

test('podman and skopeo read what we save, and we load each form that they write', async () => {
  await using directory = await temporaryDirectory('archives');
  const at = (file: string): string => join(directory.path, file);
  await using made = await filled();
  await saveTo(made, at('ours.tar'));
  const podman = (...words: string[]): Promise<string> =>
    succeed('podman', ['--root', at('p'), '--runroot', at('r'), '--storage-driver', 'vfs', ...words]);
  await podman('load', '-i', at('ours.tar'));
  const id = (await podman('inspect', '-f', '{{.Id}}', name)).trim();
  assert.equal(`sha256:${id}`, image.imageId);
  for (const format of ['docker-archive', 'oci-archive']) {
    const file = at(`podman-${format}.tar`);
    await podman('save', '--format', format, '-o', file, name);
    assert.equal(await loaded(file), image.imageId, format);
  }
  await succeed('skopeo', [
    'copy',
    `docker-archive:${at('ours.tar')}`,
    `docker-archive:${at('s.tar')}:arch:1`,
  ]);
  assert.equal(await loaded(at('s.tar')), image.imageId);
  await succeed('skopeo', ['copy', `oci-archive:${at('ours.tar')}`, `oci:${at('layout')}:arch:1`]);
  await succeed('tar', ['-C', at('layout'), '-cf', at('layout.tar'), '.']);
  assert.equal(await loaded(at('layout.tar')), image.imageId);
});
