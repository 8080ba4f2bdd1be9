import { constants } from 'node:fs';
import { mkdir, open, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { findError, fromErrno } from '#errors';
import { durableRename, openLock } from '#host';
import { createDigester, type Digest, type DigestAlgorithm, type Digester } from '#oci';
import { attempt } from './attempt.ts';
import { createGrowth, type Growth } from './growing.ts';
import type { GrowingFile } from './store.ts';

/** Bytes read at once to rebuild the digest: large enough that system calls do not matter. */
const rereadBytes = 1024 * 1024;

/** An unfinished file in a directory of its own, with the running digest of its bytes, held by one writer. */
export interface PartialFile {
  readonly offset: number;
  readonly growing: GrowingFile;
  write(chunk: Uint8Array): Promise<void>;
  restart(): Promise<void>;
  /** The digest of all bytes so far. */
  digest(by: DigestAlgorithm): Promise<Digest>;
  /** Makes the bytes durable (when `sync`) and moves them to `target`. Ends the writing. */
  moveTo(target: string, options: { sync: boolean }): Promise<void>;
  /** Ends the writing and drops the bytes, unless they were moved. */
  drop(): Promise<void>;
  /** Ends the writing and keeps the bytes for the next. After another end it does nothing. */
  leave(): Promise<void>;
}

/**
 * Locks `directory`, which is made when it is missing, waiting while another writer holds it.
 *
 * @throws the signal's reason when aborted while waiting; `errno-…`
 */
export async function lockPartial(
  directory: string,
  { signal, onWait }: { signal?: AbortSignal | undefined; onWait?: (() => void) | undefined } = {},
): Promise<Disposable> {
  let waited = false;
  const options = {
    ...(signal && { signal }),
    onWait: () => {
      if (!waited) onWait?.();
      waited = true;
    },
  };
  for (;;) {
    await attempt(`make ${directory}`, () => mkdir(directory, { mode: 0o700 })).catch((error: unknown) => {
      if (findError(error, { code: 'errno-eexist' }) === undefined) throw error;
    });
    try {
      return await openLock(lockPath(directory), options);
    } catch (error) {
      // The last holder removed the directory after we saw it.
      if (findError(error, { code: 'errno-enoent' }) === undefined) throw error;
    }
  }
}

/** Drops the unfinished file in `directory` and the directory itself. Only who holds `lock` may call it; ends the lock. */
export async function removePartial(directory: string, lock: Disposable): Promise<void> {
  using _ = lock;
  await attempt(`remove ${directory}`, async () => {
    await rm(dataPath(directory), { force: true });
    await rm(lockPath(directory), { force: true });
    // Another writer may have made a new lock in it by now: then the directory is that one's.
    await rmdir(directory).catch(() => undefined);
  });
}

/** Bytes in the unfinished file in `directory`, or undefined when there is none. */
export async function partialSize(directory: string): Promise<number | undefined> {
  return (await partialState(directory))?.size;
}

/** Its bytes, and when the last of them was written (milliseconds since 1970); undefined when there is none. */
export async function partialState(
  directory: string,
): Promise<{ readonly size: number; readonly written: number } | undefined> {
  try {
    const { size, mtimeMs } = await stat(dataPath(directory));
    return { size, written: mtimeMs };
  } catch {
    return undefined;
  }
}

/** The lock file of an unfinished file's directory. */
export function lockPath(directory: string): string {
  return join(directory, 'lock');
}

function dataPath(directory: string): string {
  return join(directory, 'data');
}

/**
 * Opens the unfinished file in `directory`, goes on at its end, and takes over `lock`: each end releases it.
 * `algorithm` is the one whose digest is kept running.
 *
 * @throws `errno-…`
 */
export async function openPartial(
  directory: string,
  { lock, algorithm }: { lock: Disposable; algorithm: DigestAlgorithm },
): Promise<PartialFile> {
  const path = dataPath(directory);
  const file = await openData(path, lock);
  let ended = false;
  let offset = 0;
  let digester: Digester | undefined;
  let growth: Growth;

  /** The running digest of the first `length` bytes of the file. */
  async function reread(by: DigestAlgorithm, length: number): Promise<Digester> {
    const again = createDigester(by);
    const buffer = Buffer.allocUnsafe(Math.min(rereadBytes, Math.max(length, 1)));
    for (let position = 0; position < length;) {
      const wanted = Math.min(buffer.length, length - position);
      const { bytesRead } = await file.read(buffer, 0, wanted, position);
      if (bytesRead === 0) break;
      again.update(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    return again;
  }

  async function end(state: 'whole' | 'broken'): Promise<void> {
    ended = true;
    growth.end(state);
    await file.close();
  }

  try {
    offset = (await file.stat()).size;
    digester = await reread(algorithm, offset);
    growth = createGrowth(path, offset);
  } catch (error) {
    using _ = lock;
    await file.close();
    throw fromErrno(error, `read ${path}`);
  }

  return {
    get offset() {
      return offset;
    },
    get growing() {
      return growth.file;
    },
    async write(chunk) {
      await attempt(`write ${path}`, () => writeAll(file, chunk, offset));
      digester?.update(chunk);
      offset += chunk.length;
      growth.reach(offset);
    },
    async restart() {
      growth.end('broken');
      await attempt(`empty ${path}`, () => file.truncate(0));
      offset = 0;
      digester = createDigester(algorithm);
      growth = createGrowth(path, 0);
    },
    async digest(by) {
      const running = by === algorithm ? digester : undefined;
      // A digester answers once: after that, and for another algorithm, the file is read again.
      if (running !== undefined) digester = undefined;
      return (running ?? (await attempt(`read ${path}`, () => reread(by, offset)))).digest();
    },
    async moveTo(target, { sync }) {
      await attempt(`finish ${path}`, async () => {
        // A write that failed half way may have left bytes behind the offset.
        await file.truncate(offset);
        if (sync) await file.sync();
      });
      if (sync) await durableRename(path, target);
      else await attempt(`rename ${path}`, () => rename(path, target));
      await end('whole');
      await removePartial(directory, lock);
    },
    async drop() {
      if (ended) return;
      await end('broken');
      await removePartial(directory, lock);
    },
    async leave() {
      if (ended) return;
      await end('broken');
      if (offset === 0) await removePartial(directory, lock);
      else lock[Symbol.dispose]();
    },
  };
}

async function openData(path: string, lock: Disposable): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  } catch (error) {
    lock[Symbol.dispose]();
    throw fromErrno(error, `open ${path}`);
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}
