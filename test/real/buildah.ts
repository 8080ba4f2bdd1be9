import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from '../support/peers.ts';
import { imageDirectory, packagesOf, type Recipe } from './recipes.ts';

/** Builds images with buildah, whose store is in a directory of its own. */
export interface Builder {
  /** Builds one image, or an index of one image a platform. */
  build(recipe: Recipe): Promise<void>;
  /** Pushes it to the registry at `host` under all its tags. */
  push(recipe: Recipe, host: string): Promise<void>;
}

/** A builder that keeps all in `dir`, copies from `context` and mounts `volumes` while a command runs. */
export async function openBuilder(
  dir: string,
  { context, volumes }: { context: string; volumes: readonly string[] },
): Promise<Builder> {
  const temporary = join(dir, 'tmp');
  await mkdir(temporary, { recursive: true });
  const buildah = (args: readonly string[]): Promise<string> =>
    succeed('buildah', ['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), ...args], {
      env: { TMPDIR: temporary },
      timeout: 600_000,
    });
  const local = (recipe: Recipe): string => `localhost/real/${recipe.name}`;

  return {
    async build(recipe) {
      const { platforms } = recipe;
      // A mount makes its point in the image; only where packages are installed the points are there already.
      const mounted = (await packagesOf(recipe)).length > 0 ? volumes : [];
      const name = [platforms ? '--manifest' : '--tag', `${local(recipe)}:${firstTag(recipe)}`];
      await buildah([
        ...['build', '--isolation', 'chroot', '--pull-never', '--layers', '--format', 'docker', ...name],
        ...(platforms ? ['--platform', platforms.join(',')] : []),
        ...mounted.flatMap((volume) => ['--volume', volume]),
        ...['--file', join(imageDirectory, `${recipe.name}.containerfile`), context],
      ]);
    },
    async push(recipe, host) {
      const source = `${local(recipe)}:${firstTag(recipe)}`;
      const verb = recipe.platforms ? ['manifest', 'push', '--all'] : ['push'];
      for (const [tag, family] of Object.entries(recipe.tags)) {
        const format = family === 'docker' ? 'v2s2' : 'oci';
        const target = `docker://${host}/real/${recipe.name}:${tag}`;
        await buildah([...verb, '--tls-verify=false', '--format', format, source, target]);
      }
    },
  };
}

function firstTag({ tags }: Recipe): string {
  return Object.keys(tags)[0]!;
}
