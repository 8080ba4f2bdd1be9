import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, findError, fromErrno } from '#errors';
import { syncDirectory, tryLock } from '#host';
import { isDigest, type Digest } from '#oci';
import { attempt } from './attempt.ts';
import { openIngest, openUpload } from './disk-ingest.ts';
import { algorithms, ingestDigest, layoutOf } from './layout.ts';
import { lockPartial, lockPath, partialSize, removePartial } from './partial.ts';
import { readBlob } from './read.ts';
import type { BlobInfo, ContentStore } from './store.ts';
import { checkUploadId } from './verify.ts';
import { writtenBefore } from './written.ts';

/**
 * Opens the content store in `directory`, which must exist; its folders are made. Any number of processes may
 * have it open. There is nothing to dispose: what is open belongs to reads and ingests.
 *
 * @param options.sync false skips fsync: a blob may then be lost or broken by a power failure; for tests
 * @throws `errno-…`
 */
export async function openDiskContent({
  directory,
  sync = true,
}: {
  directory: string;
  sync?: boolean;
}): Promise<ContentStore> {
  const layout = layoutOf(directory);
  await attempt(`make the folders of the store in ${directory}`, async () => {
    for (const folder of [...algorithms.map(layout.blobs), layout.ingests, layout.uploads]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
  });
  if (sync) for (const folder of [directory, join(directory, 'blobs')]) await syncDirectory(folder);

  async function statBlob(digest: Digest): Promise<BlobInfo | undefined> {
    try {
      return { digest, size: (await stat(layout.blob(digest))).size };
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw fromErrno(error, `look for blob ${digest}`, { digest });
    }
  }

  return {
    stat: statBlob,
    read: (digest, range) => readBlob(digest, layout.blob(digest), range),
    pathOf: (digest) => layout.blob(digest),

    async ingest(digest, options) {
      if ((await statBlob(digest)) !== undefined) return undefined;
      const folder = layout.ingest(digest);
      const lock = await lockPartial(folder, options);
      // Whoever held the lock may have finished the blob.
      if ((await statBlob(digest)) !== undefined) {
        await removePartial(folder, lock);
        return undefined;
      }
      return openIngest(digest, { folder, target: layout.blob(digest), lock, sync });
    },

    async upload(id, options) {
      checkUploadId(id);
      const folder = layout.upload(id);
      const lock = await lockPartial(folder, options);
      return openUpload(id, { folder, target: layout.blob, lock, sync });
    },

    delete: (digest) => attempt(`remove blob ${digest}`, () => rm(layout.blob(digest), { force: true })),

    async *list() {
      for (const algorithm of algorithms) {
        for (const hex of await attempt('list blobs', () => readdir(layout.blobs(algorithm)))) {
          const digest = `${algorithm}:${hex}`;
          const info = isDigest(digest) ? await statBlob(digest) : undefined;
          if (info !== undefined) yield info;
        }
      }
    },

    async *listIngests() {
      for (const name of await attempt('list ingests', () => readdir(layout.ingests))) {
        const digest = ingestDigest(name);
        const size = digest && (await partialSize(layout.ingest(digest)));
        if (digest !== undefined && size !== undefined) yield { digest, size };
      }
    },

    writtenBefore: (time) => writtenBefore(layout, time),

    async deleteIngest(digest) {
      const folder = layout.ingest(digest);
      try {
        const lock = tryLock(lockPath(folder));
        if (lock === undefined) return false;
        await removePartial(folder, lock);
        return true;
      } catch (error) {
        if (findError(error, { code: 'errno-enoent' }) !== undefined) return false;
        throw error;
      }
    },
  };
}
