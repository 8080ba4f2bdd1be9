import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How one real image is made: `images/NAME.containerfile`, built by buildah and pushed as `real/NAME`. */
export interface Recipe {
  readonly name: string;
  /** Each tag and the family of media types it is pushed with. */
  readonly tags: Readonly<Record<string, 'oci' | 'docker'>>;
  /** Makes an index with one image a platform. */
  readonly platforms?: readonly string[];
}

/** The directory of the containerfiles and of what they copy. */
export const imageDirectory = join(import.meta.dirname, 'images');

/** The image all others stand on. */
export const base: Recipe = { name: 'debian', tags: { '12': 'docker', latest: 'docker' } };

/** The other images, the slowest to build first. */
export const recipes: readonly Recipe[] = [
  { name: 'gcc', tags: { '12': 'docker' } },
  { name: 'tomcat', tags: { '10': 'oci' } },
  { name: 'mariadb', tags: { '10': 'docker' } },
  { name: 'nginx', tags: { '1': 'oci', latest: 'oci' } },
  { name: 'python', tags: { '3': 'docker' } },
  { name: 'traps', tags: { '1': 'docker', oci: 'oci' } },
  { name: 'busybox', tags: { '1': 'oci' } },
  { name: 'hello', tags: { '1': 'oci', docker: 'docker' }, platforms: ['linux/amd64', 'linux/arm64'] },
];

/** The Debian packages that the containerfile of a recipe installs. */
export async function packagesOf({ name }: Recipe): Promise<string[]> {
  const text = await readFile(join(imageDirectory, `${name}.containerfile`), 'utf8');
  return [...text.matchAll(/apt-get install -y (.+)/g)].flatMap(([, names = '']) => names.split(' '));
}

/** The packages of all recipes, so that they are downloaded at once. */
export async function allPackages(): Promise<string[]> {
  return (await Promise.all(recipes.map(packagesOf))).flat();
}

/** The hash of all that decides what the images are: when it changes, they are built again. */
export async function recipeHash(): Promise<string> {
  const copied = (await readdir(imageDirectory)).map((name) => join('images', name));
  const hash = createHash('sha256');
  for (const path of [...copied, 'apt.ts', 'buildah.ts', 'catalog.ts', 'make.ts', 'recipes.ts'].sort()) {
    hash.update(`${path}\0`).update(await readFile(join(import.meta.dirname, path)));
  }
  return hash.digest('hex').slice(0, 16);
}
