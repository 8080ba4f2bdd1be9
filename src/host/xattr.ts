import { errnoOf } from '#errors';
import { cString, libcFunction } from './libc.ts';

const lsetxattr = libcFunction(
  'int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)',
);
const lgetxattr = libcFunction(
  'long lgetxattr(const char *path, const char *name, void *value, size_t size)',
);
const llistxattr = libcFunction('long llistxattr(const char *path, void *list, size_t size)');
const lremovexattr = libcFunction('int lremovexattr(const char *path, const char *name)');

// xattr(7): XATTR_SIZE_MAX and XATTR_LIST_MAX, the most that the kernel hands out.
const largest = 65536;

/**
 * Sets an extended attribute of `path` itself, never of a symlink's target. `name` is full (`security.capability`)
 * and, as a Buffer, may hold any bytes.
 *
 * @throws a system error: ENOTSUP where the file system has no attributes, EPERM
 */
export function setXattr(path: string | Buffer, name: string | Buffer, value: Uint8Array): void {
  lsetxattr(cString(path), cString(name), value, value.length, 0);
}

/**
 * The value of an extended attribute of `path` itself, or undefined when it has none of that name.
 *
 * @throws a system error
 */
export function getXattr(path: string | Buffer, name: string | Buffer): Buffer | undefined {
  const value = Buffer.alloc(largest);
  try {
    return value.subarray(0, lgetxattr(cString(path), cString(name), value, value.length));
  } catch (error) {
    if (errnoOf(error) === 'ENODATA') return undefined;
    throw error;
  }
}

/**
 * The full names of the extended attributes of `path` itself; none where the file system has no attributes.
 *
 * @throws a system error
 */
export function listXattrs(path: string | Buffer): Buffer[] {
  const list = Buffer.alloc(largest);
  let size: number;
  try {
    size = llistxattr(cString(path), list, list.length);
  } catch (error) {
    if (errnoOf(error) === 'ENOTSUP') return [];
    throw error;
  }
  const names: Buffer[] = [];
  for (let start = 0; start < size;) {
    const end = list.indexOf(0, start);
    names.push(list.subarray(start, end));
    start = end + 1;
  }
  return names;
}

/**
 * Removes an extended attribute of `path` itself.
 *
 * @throws a system error
 */
export function removeXattr(path: string | Buffer, name: string | Buffer): void {
  lremovexattr(cString(path), cString(name));
}
