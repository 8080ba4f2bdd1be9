import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findError } from '#errors';
import { mountOverlay, unmount } from '#host';

/**
 * Whether layers can be kept below `directory` (made when missing) on this machine: tries a small overlay there.
 * False without root, and where the kernel or the file system does not take overlays.
 *
 * @throws `errno-…` when `directory` cannot be written
 */
export async function overlayWorks(directory: string): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const root = await mkdtemp(join(directory, 'overlay-check-'));
  try {
    const at = (name: string) => join(root, name);
    for (const name of ['lower', 'upper', 'work', 'target']) await mkdir(at(name));
    const upper = { directory: at('upper'), work: at('work') };
    mountOverlay({ lower: [at('lower')], upper, target: at('target') });
    await unmount(at('target'));
    return true;
  } catch (error) {
    if (findError(error, { kind: 'unsupported' }) ?? findError(error, { kind: 'forbidden' })) return false;
    throw error;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
