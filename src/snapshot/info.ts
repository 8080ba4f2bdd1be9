import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, fromErrno, GantryError } from '#errors';
import type { Digest } from '#oci';
import { nameOf } from './layout.ts';
import type { SnapshotInfo } from './snapshots.ts';

/** The facts of the snapshot `key` below `directory`, or undefined when it is not there. */
export async function readInfo(directory: string, key: Digest): Promise<SnapshotInfo | undefined> {
  const path = join(directory, nameOf(key), 'info.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fromErrno(error, `read ${path}`, { key });
  }
  return { key, directory: join(directory, nameOf(key), 'fs'), size: parseSize(text, path) };
}

export function encodeInfo({ size }: { size: number }): string {
  return `${JSON.stringify({ size })}\n`;
}

function parseSize(text: string, path: string): number {
  try {
    const info: unknown = JSON.parse(text);
    if (typeof info === 'object' && info !== null && 'size' in info && Number.isSafeInteger(info.size)) {
      return info.size as number;
    }
  } catch {
    // Not JSON at all: said below.
  }
  throw new GantryError(
    'corrupt',
    'snapshot-info',
    `${path} is damaged: remove its directory and pull again`,
    {
      subject: { path },
    },
  );
}
