import { readFile } from 'node:fs/promises';
import { errnoOf, fromErrno } from '#errors';
import { asyncLibcFunction } from './libc.ts';

const umount2 = asyncLibcFunction('int umount2(const char *target, int flags)');
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/**
 * Unmounts what is mounted at `target`. A mount in use vanishes from the tree at once, and in fact when its last
 * user closes. Nothing mounted there is no error.
 *
 * @throws `errno-…`
 */
export async function unmount(target: string): Promise<void> {
  try {
    await umount2(target, UMOUNT_NOFOLLOW);
  } catch (error) {
    const errno = errnoOf(error);
    // EINVAL: umount(2) says it of a directory that is no mount point.
    if (errno === 'EINVAL' || errno === 'ENOENT') return;
    if (errno !== 'EBUSY') throw fromErrno(error, `unmount ${target}`, { target });
    await umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH);
  }
}

/** The mount points at and below `directory` (an absolute path without symlinks), the latest first. */
export async function listMounts(directory: string): Promise<string[]> {
  // proc_pid_mountinfo(5): the fifth field, with blanks and backslashes as three octal digits.
  return (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((field) =>
      field.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((path) => path === directory || path.startsWith(`${directory}/`))
    .reverse();
}
