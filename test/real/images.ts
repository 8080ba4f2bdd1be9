import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unmountBelow } from '../support/peers.ts';
import type { RealImage } from './catalog.ts';
import { makeImages } from './make.ts';
import { recipeHash } from './recipes.ts';

/** The built images. */
export interface RealImages {
  /** A storage of Debian's docker-registry that holds them all; open it read-only. */
  readonly storage: string;
  /** Each tag in it. */
  readonly images: readonly RealImage[];
}

/**
 * Gives the real images, and builds them first where `dir` (GANTRY_REAL_DIR unless given, else a directory of
 * /var/tmp) does not hold those of today's recipes. Two builders at once are safe: the work of one is kept.
 */
export async function openRealImages(
  dir = process.env['GANTRY_REAL_DIR'] ?? '/var/tmp/gantry-real',
): Promise<RealImages> {
  const root = resolve(dir);
  const result = join(root, await recipeHash());
  if (!existsSync(result)) {
    await mkdir(root, { recursive: true });
    await build(root, result);
    await removeOthers(root, result);
  }
  const images = JSON.parse(await readFile(join(result, 'images.json'), 'utf8')) as RealImage[];
  return { storage: join(result, 'registry'), images };
}

/** Builds beside the result and renames, so that a result is always whole. */
async function build(root: string, result: string): Promise<void> {
  const work = join(root, `building-${process.pid}`);
  // buildah remembers there what it pushed, wherever its store is.
  const memory = '/var/lib/containers';
  const isForeign = existsSync(memory);
  try {
    const made = await makeImages(work);
    await rename(made, result).catch((error: unknown) => {
      if (!existsSync(result)) throw error;
    });
  } finally {
    await removeTree(work);
    if (!isForeign) await rm(memory, { recursive: true, force: true });
  }
}

/** Removes what older recipes made and what killed builders left. */
async function removeOthers(root: string, result: string): Promise<void> {
  for (const name of await readdir(root)) {
    const path = join(root, name);
    const isOlder = /^[0-9a-f]{16}$/.test(name) && path !== result;
    const builder = /^building-(\d+)$/.exec(name)?.[1];
    const isLeft = builder !== undefined && !existsSync(`/proc/${builder}`);
    if (isOlder || isLeft) await removeTree(path);
  }
}

async function removeTree(path: string): Promise<void> {
  await unmountBelow(path);
  await rm(path, { recursive: true, force: true });
}
