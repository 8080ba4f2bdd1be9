/** The whole main job on real images, through each door, with other tools as witnesses. Needs root and peers. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { doorNames, openDoor, type Door } from '../support/doors.ts';
import { openRegistry, requireTools, succeed, temporaryDirectory, type Registry } from '../support/peers.ts';
import type { RealImage } from './catalog.ts';
import { openRealImages } from './images.ts';

await requireTools(['docker', 'skopeo', 'podman', 'umoci']);
const real = await openRealImages();
const hostPlatform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

/** The image of this machine in what a tag names. */
function here({ manifests }: RealImage): RealImage['manifests'][number] {
  return manifests.find(({ platform }) => platform === hostPlatform) ?? manifests[0]!;
}

for (const doorName of doorNames) {
  describe(`real images through ${doorName}`, () => {
    const stack = new AsyncDisposableStack();
    let door: Door;
    let source: Registry;
    let target: Registry;
    let scratch: string;

    before(async () => {
      source = stack.use(await openRegistry({ dir: real.storage, readonly: true }));
      target = stack.use(await openRegistry());
      scratch = stack.use(await temporaryDirectory('real')).path;
      door = stack.use(await openDoor(doorName, join(scratch, 'door')));
    });
    after(() => stack.disposeAsync());

    const nameOf = ({ name, tag }: RealImage) => `${source.host}/${name}:${tag}`;
    const idOf = async (name: string) =>
      (await door.succeed(['image', 'inspect', '--format', '{{.Id}}', name])).trim();

    test('each is pulled under the digest that its registry gave it', async () => {
      for (const image of real.images) {
        const output = await door.succeed(['pull', nameOf(image)]);
        assert.match(output, new RegExp(`^Digest: ${image.digest}$`, 'm'));
        assert.equal(await idOf(nameOf(image)), here(image).config.digest);
        const layers = await door.succeed(['inspect', '--format', '{{json .RootFS.Layers}}', nameOf(image)]);
        assert.deepEqual(
          JSON.parse(layers),
          here(image).layers.map(({ diffId }) => diffId),
        );
      }
    });

    test('pulled again, nothing is fetched and each is up to date', async () => {
      for (const image of real.images) {
        const output = await door.succeed(['pull', nameOf(image)]);
        assert.match(output, /^Status: Image is up to date for /m);
        assert.doesNotMatch(output, /Download/);
      }
    });

    test('the list has each tag once, with its digest', async () => {
      const format = '{{.Repository}}:{{.Tag}} {{.Digest}}';
      const listed = (await door.succeed(['images', '--digests', '--format', format])).trim().split('\n');
      const wanted = real.images.map((image) => `${nameOf(image)} ${image.digest}`);
      for (const line of wanted)
        assert.ok(listed.includes(line), `${line} is missing in\n${listed.join('\n')}`);
    });

    test('the history tells of each layer', async () => {
      for (const image of real.images) {
        const output = await door.succeed(['history', '--quiet', '--no-trunc', nameOf(image)]);
        assert.ok(output.split('\n').includes(here(image).config.digest));
      }
    });

    test('all saved in one archive are read by skopeo and podman with the same ids', async () => {
      const archive = join(scratch, 'all.tar');
      await door.succeed(['save', '--output', archive, ...real.images.map(nameOf)]);
      const listed = JSON.parse(await succeed('tar', ['-xOf', archive, 'manifest.json'])) as {
        Config: string;
        RepoTags: string[];
      }[];
      for (const image of real.images) {
        const entry = listed.find(({ RepoTags }) => RepoTags.includes(nameOf(image)));
        assert.equal(entry?.Config, `blobs/sha256/${here(image).config.digest.replace('sha256:', '')}`);
      }
      // skopeo reads the whole archive for each image: the largest will do.
      const largest = real.images.find(({ name }) => name === 'real/gcc')!;
      const raw = await succeed('skopeo', [
        'inspect',
        '--raw',
        '--config',
        `docker-archive:${archive}:${nameOf(largest)}`,
      ]);
      assert.equal(`sha256:${sha256(raw)}`, here(largest).config.digest);
      const podman = [
        '--root',
        join(scratch, 'podman'),
        '--runroot',
        join(scratch, 'podman-run'),
        '--storage-driver',
        'vfs',
      ];
      const small = real.images.find(({ name }) => name === 'real/hello')!;
      const single = join(scratch, 'hello.tar');
      await door.succeed(['save', '--output', single, nameOf(small)]);
      await succeed('podman', [...podman, 'load', '--quiet', '--input', single]);
      const id = await succeed('podman', [
        ...podman,
        'image',
        'inspect',
        '--format',
        '{{.Id}}',
        nameOf(small),
      ]);
      assert.equal(`sha256:${id.trim()}`, here(small).config.digest);
      await rm(join(scratch, 'podman'), { recursive: true, force: true });
    });

    test('all removed, nothing of them is left', async () => {
      await door.succeed(['rmi', ...real.images.map(nameOf)]);
      assert.equal((await door.succeed(['images', '--quiet', '--all'])).trim(), '');
      const blobs = await succeed('find', [join(scratch, 'door/data/blobs'), '-type', 'f']);
      assert.equal(blobs.trim(), '');
    });

    test('all loaded again have their ids and names', async () => {
      const archive = join(scratch, 'all.tar');
      const output = await door.succeed(['load', '--input', archive]);
      for (const image of real.images) {
        assert.ok(output.includes(`Loaded image: ${nameOf(image)}`), output);
        assert.equal(await idOf(nameOf(image)), here(image).config.digest);
      }
      await rm(archive);
    });

    test('pushed to another registry, the manifests are the same bytes', async () => {
      for (const image of real.images) {
        const copy = `${target.host}/${image.name}:${image.tag}`;
        await door.succeed(['tag', nameOf(image), copy]);
        const output = await door.succeed(['push', copy]);
        assert.match(output, new RegExp(`digest: ${here(image).digest} size: \\d+`));
        const raw = await succeed('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${copy}`]);
        assert.equal(`sha256:${sha256(raw)}`, here(image).digest);
      }
    });

    test('a root file system is imported, and its image is unpacked by umoci', async () => {
      const image = real.images.find(({ name }) => name === 'real/busybox')!;
      const rootfs = join(scratch, 'rootfs.tar');
      const layout = join(scratch, 'layout');
      await door.succeed(['save', '--output', rootfs, nameOf(image)]);
      const id = (
        await door.succeed([
          'import',
          '--change',
          'CMD ["sh"]',
          '--message',
          'imported',
          rootfs,
          'imported:1',
        ])
      ).trim();
      assert.equal(await idOf('imported:1'), id);
      const archive = join(scratch, 'imported.tar');
      await door.succeed(['save', '--output', archive, 'imported:1']);
      await succeed('skopeo', ['copy', '--quiet', `docker-archive:${archive}`, `oci:${layout}:1`]);
      await succeed('umoci', ['unpack', '--image', `${layout}:1`, join(scratch, 'bundle')]);
      assert.ok((await stat(join(scratch, 'bundle/rootfs/manifest.json'))).isFile());
    });
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
