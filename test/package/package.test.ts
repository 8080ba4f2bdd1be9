/** What npm would publish: built, packed, unpacked elsewhere without its sources, and run. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { openRegistry, succeed, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';

const root = join(import.meta.dirname, '../..');

test('the published package has no sources and pulls an image, under whichever Node starts it', async () => {
  await using directory = await temporaryDirectory('package');
  const checkout = join(directory.path, 'checkout');
  const left = new Set(['node_modules', 'dist', '.git']);
  await cp(root, checkout, { recursive: true, filter: (path) => !left.has(relative(root, path)) });
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
  await succeed('npm', ['run', 'build'], { cwd: checkout });
  await succeed('npm', ['pack', '--pack-destination', directory.path], { cwd: checkout });
  await succeed('sh', ['-c', 'tar -xf gantry-*.tgz'], { cwd: directory.path });
  const published = join(directory.path, 'package');
  assert.ok(!existsSync(join(published, 'src')));
  await symlink(join(root, 'node_modules'), join(published, 'node_modules'));

  await using registry = await openRegistry();
  const image = randomImage();
  await publish(registry.url, 'package', '1', image);
  const pull = ['--data-root', join(directory.path, 'data'), 'pull', `${registry.host}/package:1`];
  const printed = await succeed(join(published, 'bin/gantry.mjs'), pull);
  assert.match(printed, new RegExp(`^Digest: ${image.descriptors.manifest.digest}$`, 'm'));
});
