import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, fromErrno, GantryError } from '#errors';
import { openLock, writeFileDurably } from '#host';
import { attempt } from './attempt.ts';

/** Leads the store in `root` from one version to the next. Must come to the same end when it is run again after a crash. */
export type FormatUpgrade = (root: string) => Promise<void>;

/** The first version is 1; the upgrade at index n leads from version n + 1 to n + 2. One that was released is never changed. */
const released: readonly FormatUpgrade[] = [];

/**
 * Makes the root directory of a store (mode 0710) and its `format` file, or checks that this Gantry knows the
 * version that is written there, and upgrades an older store first. Call it before anything else in the root is
 * opened. docs/storage.md describes what lies there.
 *
 * @param options.upgrades for tests of the upgrade itself
 * @throws unsupported `store-too-new` when a newer Gantry wrote it
 * @throws corrupt `store-format` when the file says no version, `errno-…`
 */
export async function openStoreRoot({
  root,
  upgrades = released,
  signal,
}: {
  root: string;
  upgrades?: readonly FormatUpgrade[];
  signal?: AbortSignal;
}): Promise<void> {
  const current = upgrades.length + 1;
  await attempt(`make the store ${root}`, async () => {
    // The folders above it are not the store's: they get the mode that the user gives to folders.
    await mkdir(dirname(root), { recursive: true });
    await mkdir(root, { recursive: true, mode: 0o710 });
  });
  if ((await readVersion(root, current)) === current) return;
  using _ = await openLock(join(root, 'format.lock'), { ...(signal && { signal }) });
  // A store without the file is new: there is nothing to upgrade.
  const found = (await readVersion(root, current)) ?? current;
  for (let version = found; version < current; version++) {
    await upgrades[version - 1]?.(root);
    await writeVersion(root, version + 1);
  }
  if (found === current) await writeVersion(root, current);
}

function writeVersion(root: string, version: number): Promise<void> {
  return writeFileDurably(join(root, 'format'), `${version}\n`);
}

async function readVersion(root: string, current: number): Promise<number | undefined> {
  const path = join(root, 'format');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fromErrno(error, `read ${path}`, { path });
  }
  const version = /^[1-9][0-9]{0,5}\n?$/.test(text) ? Number(text) : undefined;
  if (version === undefined) {
    throw new GantryError(
      'corrupt',
      'store-format',
      `${path} holds no version; if ${root} is a store of Gantry, write the version that it has into it, otherwise choose another root`,
      { subject: { path } },
    );
  }
  if (version > current) {
    throw new GantryError(
      'unsupported',
      'store-too-new',
      `the store ${root} has version ${version}, this Gantry knows up to ${current}; use the newer Gantry that wrote it`,
      { subject: { root, version, known: current } },
    );
  }
  return version;
}
