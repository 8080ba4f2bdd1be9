import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '#errors';
import { isDigest } from '#oci';
import { attempt } from './attempt.ts';
import { algorithms, ingestDigest, type Layout } from './layout.ts';
import { partialState } from './partial.ts';
import type { Written } from './store.ts';

/**
 * What a store on disk has that was last written to before `time`, by the times of its files.
 *
 * @throws `errno-…`
 */
export async function* writtenBefore(layout: Layout, time: number): AsyncGenerator<Written, void> {
  for (const algorithm of algorithms) {
    const folder = layout.blobs(algorithm);
    for (const hex of await attempt('list blobs', () => readdir(folder))) {
      const digest = `${algorithm}:${hex}`;
      const found = isDigest(digest) ? await statIfThere(join(folder, hex)) : undefined;
      if (found === undefined || found.mtimeMs >= time || !isDigest(digest)) continue;
      yield { kind: 'blob', digest, size: found.size };
    }
  }
  for (const name of await attempt('list ingests', () => readdir(layout.ingests))) {
    const digest = ingestDigest(name);
    const state = digest && (await partialState(layout.ingest(digest)));
    if (digest === undefined || state === undefined || state.written >= time) continue;
    yield { kind: 'ingest', digest, size: state.size };
  }
  for (const id of await attempt('list uploads', () => readdir(layout.uploads))) {
    const state = await partialState(layout.upload(id));
    if (state !== undefined && state.written < time) yield { kind: 'upload', id, size: state.size };
  }
}

async function statIfThere(file: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
