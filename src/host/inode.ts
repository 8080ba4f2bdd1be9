import fs from 'node:fs';
import { errnoOf } from '#errors';
import { cString, libcFunction } from './libc.ts';

const mknod = libcFunction('int mknod(const char *path, uint mode, uint64 device)');
const utimensat = libcFunction(
  'int utimensat(int directory, const char *path, const void *times, int flags)',
);
const futimens = libcFunction('int futimens(int fd, const void *times)');
const openat2 = libcFunction(
  'long syscall(long number, int directory, const char *path, const void *how, size_t size)',
  'openat2',
);

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const O_CLOEXEC = 0o2000000;

/** Seconds since 1970 and nanoseconds (0 to 999,999,999). */
export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

const nodeTypes = {
  'character-device': fs.constants.S_IFCHR,
  'block-device': fs.constants.S_IFBLK,
  fifo: fs.constants.S_IFIFO,
} as const;

/**
 * Makes a device node or a FIFO. `device` is given for devices only; the umask applies to `mode`.
 *
 * @throws a system error: EPERM without CAP_MKNOD, EEXIST
 */
export function makeNode(
  path: string | Buffer,
  type: keyof typeof nodeTypes,
  { mode, device = { major: 0, minor: 0 } }: { mode: number; device?: { major: number; minor: number } },
): void {
  // makedev(3): the low parts of both numbers lie where 16-bit numbers had them, the rest above.
  const [major, minor] = [BigInt(device.major), BigInt(device.minor)];
  const number =
    ((major & 0xfffn) << 8n) |
    (minor & 0xffn) |
    ((minor & 0xffffff00n) << 12n) |
    ((major & 0xfffff000n) << 32n);
  mknod(cString(path), nodeTypes[type] | mode, number);
}

/**
 * Sets both times, exact to the nanosecond, of an open file or of `path` itself, never of a symlink's target.
 *
 * @throws a system error
 */
export function setTimes(target: string | Buffer | number, mtime: Time, atime: Time = mtime): void {
  const times = new BigInt64Array(
    [atime.seconds, atime.nanoseconds, mtime.seconds, mtime.nanoseconds].map((part) => BigInt(part)),
  );
  if (typeof target === 'number') futimens(target, times);
  else utimensat(AT_FDCWD, cString(target), times, AT_SYMLINK_NOFOLLOW);
}

const openat2Number = 437;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_IN_ROOT = 0x10;
const throughSymlinks = openHow(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
const withoutSymlinks = openHow(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS);

/** struct open_how of openat2(2): flags, mode, resolve. */
function openHow(resolve: number): BigUint64Array {
  const flags = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | O_CLOEXEC;
  return new BigUint64Array([BigInt(flags), 0n, BigInt(resolve)]);
}

/**
 * Opens a directory as a process would whose root is the directory `root`: neither `..` nor a symlink, absolute
 * or not, leads out of it, whatever others do to the tree meanwhile. The caller closes the descriptor.
 *
 * To work on what is in a directory without resolving its path again, put `/proc/self/fd/<descriptor>/` in front
 * of a name.
 *
 * @param path a relative path; `.` is the root itself
 * @param options.symlinks false refuses them all (ELOOP)
 * @throws a system error: ENOENT, ENOTDIR, ELOOP, ENOSYS before Linux 5.6
 */
export function openDirectoryIn(
  root: number,
  path: string | Buffer,
  { symlinks = true }: { symlinks?: boolean } = {},
): number {
  const how = symlinks ? throughSymlinks : withoutSymlinks;
  for (;;) {
    try {
      return openat2(openat2Number, root, cString(path), how, how.byteLength);
    } catch (error) {
      // A rename raced with the resolution of a `..`: openat2(2) asks to try again.
      if (errnoOf(error) !== 'EAGAIN') throw error;
    }
  }
}
