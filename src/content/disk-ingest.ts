import { stat } from 'node:fs/promises';
import { digestAlgorithm, type Digest } from '#oci';
import { openPartial } from './partial.ts';
import type { Ingest, Upload } from './store.ts';
import { checkDigest, checkSize } from './verify.ts';

/**
 * The ingest for `digest` in `folder`, whose `lock` it takes over. Its blob will be the file `target`.
 *
 * @throws `errno-…`
 */
export async function openIngest(
  digest: Digest,
  { folder, target, lock, sync }: { folder: string; target: string; lock: Disposable; sync: boolean },
): Promise<Ingest> {
  const algorithm = digestAlgorithm(digest);
  const partial = await openPartial(folder, { lock, algorithm });
  return {
    digest,
    get offset() {
      return partial.offset;
    },
    get growing() {
      return partial.growing;
    },
    write: (chunk) => partial.write(chunk),
    restart: () => partial.restart(),
    async commit({ size } = {}) {
      checkSize(`blob ${digest}`, partial.offset, size);
      try {
        checkDigest(digest, await partial.digest(algorithm));
      } catch (error) {
        await partial.restart();
        throw error;
      }
      await partial.moveTo(target, { sync });
      return { digest, size: partial.offset };
    },
    [Symbol.asyncDispose]: () => partial.leave(),
  };
}

/**
 * The upload `id` in `folder`, whose `lock` it takes over. `target` says which file a blob will be.
 *
 * @throws `errno-…`
 */
export async function openUpload(
  id: string,
  {
    folder,
    target,
    lock,
    sync,
  }: { folder: string; target: (digest: Digest) => string; lock: Disposable; sync: boolean },
): Promise<Upload> {
  const partial = await openPartial(folder, { lock, algorithm: 'sha256' });
  return {
    id,
    get offset() {
      return partial.offset;
    },
    get growing() {
      return partial.growing;
    },
    write: (chunk) => partial.write(chunk),
    async commit({ digest: expected, size } = {}) {
      checkSize(`upload ${id}`, partial.offset, size);
      const digest = await partial.digest(expected === undefined ? 'sha256' : digestAlgorithm(expected));
      if (expected !== undefined) checkDigest(expected, digest);
      const info = { digest, size: partial.offset };
      if (await exists(target(digest))) await partial.drop();
      else await partial.moveTo(target(digest), { sync });
      return info;
    },
    discard: () => partial.drop(),
    [Symbol.asyncDispose]: () => partial.leave(),
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
