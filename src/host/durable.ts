import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromErrno } from '#errors';
import { asyncLibcFunction } from './libc.ts';

const syncfs = asyncLibcFunction('int syncfs(int fd)');

/**
 * Makes the names in the directory durable: what was created, renamed or removed in it survives power loss.
 *
 * @throws `errno-…`
 */
export async function syncDirectory(path: string): Promise<void> {
  try {
    await using directory = await open(path, 'r');
    await directory.sync();
  } catch (error) {
    throw fromErrno(error, `sync directory ${path}`, { path });
  }
}

/**
 * Renames `from` to `to` and makes the rename durable. What is behind the name must be durable already: sync the
 * file first.
 *
 * @throws `errno-…`
 */
export async function durableRename(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    throw fromErrno(error, `rename ${from} to ${to}`, { from, to });
  }
  await syncDirectory(dirname(to));
  if (dirname(from) !== dirname(to)) await syncDirectory(dirname(from));
}

/**
 * Writes a small file so that, after a crash at any point, it holds either the old bytes or the new. A crash may
 * leave `<path>.<random>.tmp` beside it.
 *
 * @param options.mode of the new file, 0644 by default (less the umask)
 * @throws `errno-…`
 */
export async function writeFileDurably(
  path: string,
  bytes: Uint8Array | string,
  { mode = 0o644 }: { mode?: number } = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    try {
      await using file = await open(temporary, 'wx', mode);
      await file.writeFile(bytes);
      await file.sync();
    } catch (error) {
      throw fromErrno(error, `write ${path}`, { path });
    }
    await durableRename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes all that was written to the file system that holds `path` durable: for trees of files, where it is cheaper
 * than to sync each.
 *
 * @throws `errno-…`
 */
export async function syncFileSystem(path: string): Promise<void> {
  try {
    await using directory = await open(path, 'r');
    await syncfs(directory.fd);
  } catch (error) {
    throw fromErrno(error, `sync the file system of ${path}`, { path });
  }
}
