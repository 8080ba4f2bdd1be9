import fs from 'node:fs';
import type { Unpacker } from '#layer';
import { chainIds, digestOf, type Digest } from '#oci';
import type { Snapshots } from '#snapshot';

/**
 * Unpacks the layers in `archives` (base first) each by itself where that is right, as an engine does. Answers the
 * keys to mount, and which layers depended on those below.
 */
export async function unpackStack(
  archives: readonly string[],
  { snapshots, unpacker }: { snapshots: Snapshots; unpacker: Unpacker },
): Promise<{ keys: Digest[]; depends: number[] }> {
  const diffIds = archives.map((path) => digestOf(fs.readFileSync(path)));
  const chain = chainIds(diffIds);
  const keys: Digest[] = [];
  const depends: number[] = [];
  for (const [index, path] of archives.entries()) {
    await using prepared = await snapshots.prepare(diffIds[index]!);
    const mode = index === 0 ? 'base' : 'alone';
    const result = await unpacker.unpack({ path }, { target: prepared.directory, mode });
    if (result.dependsOnLower !== undefined) depends.push(index);
    if (result.dependsOnLower === undefined || index === 0) {
      keys.push((await prepared.commit(diffIds[index]!, result.size, result)).key);
      continue;
    }
    const { target } = await prepared.mountAbove(keys);
    await unpacker.unpack({ path }, { target, mode: 'merged' });
    keys.push((await prepared.commit(chain[index]!, result.size)).key);
  }
  return { keys, depends };
}
