import { lstat, readdir } from 'node:fs/promises';
import { errnoOf, fromErrno } from '#errors';

/** Blocks that stat(2) counts in, whatever the file system has. */
const blockSize = 512;

/**
 * Bytes on the disk below `root`, by the first name of each path; '' is the directory itself. Each inode counts
 * once, as for du(1). What goes away meanwhile counts as gone; mounts below are left out.
 *
 * @throws `errno-…`
 */
export async function measureTree(root: string): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  const seen = new Set<bigint>();
  const { dev } = await lstat(root, { bigint: true });
  const pending: { readonly path: Buffer; readonly name: string }[] = [{ path: Buffer.from(root), name: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path, name } = next;
    try {
      const facts = await lstat(path, { bigint: true });
      if (facts.dev !== dev || seen.has(facts.ino)) continue;
      seen.add(facts.ino);
      sums.set(name, (sums.get(name) ?? 0) + Number(facts.blocks) * blockSize);
      if (!facts.isDirectory()) continue;
      for (const entry of await readdir(path, { encoding: 'buffer' })) {
        // Names in layers are bytes, not text.
        const below = Buffer.concat([path, Buffer.from('/'), entry]);
        pending.push({ path: below, name: name === '' ? entry.toString() : name });
      }
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT')
        throw fromErrno(error, `measure ${path.toString()}`, { path: path.toString() });
    }
  }
  return sums;
}
