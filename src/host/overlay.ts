import fs from 'node:fs';
import { errnoOf, fromErrno, GantryError } from '#errors';
import { libcFunction } from './libc.ts';

// The numbers are the same on all architectures: system calls since Linux 5.1.
const call = 'long syscall(long number, ';
const moveMount = libcFunction(
  `${call}int from, const char *fromPath, int to, const char *toPath, uint flags)`,
  'move_mount',
);
const fsopen = libcFunction(`${call}const char *type, uint flags)`, 'fsopen');
const fsconfig = libcFunction(
  `${call}int fd, uint command, const char *key, const char *value, int aux)`,
  'fsconfig',
);
const fsmount = libcFunction(`${call}int fd, uint flags, uint attributes)`, 'fsmount');
const mount = libcFunction(
  'int mount(const char *source, const char *target, const char *type, ulong flags, const char *data)',
);
const numbers = { moveMount: 429, fsopen: 430, fsconfig: 431, fsmount: 432 };
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;
const MOUNT_ATTR_RDONLY = 1;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const AT_FDCWD = -100;
const MS_RDONLY = 1;
const pageSize = 4096;

// With these off, the upper directory holds whole files and plain whiteouts: it is a layer as others read it.
const plain = { index: 'off', redirect_dir: 'off', metacopy: 'off' };

export interface OverlayOptions {
  /** Directories to be seen through each other, the topmost first: 2 to 500, or 1 with `upper`. */
  readonly lower: readonly string[];
  /** Takes the changes; without it the mount is read-only. `work` is empty and on the same file system. */
  readonly upper?: { readonly directory: string; readonly work: string };
  readonly target: string;
}

/**
 * Mounts an overlay. Paths may hold any character.
 *
 * @throws unsupported `overlay-unsupported` where the kernel or a file system refuses it
 * @throws forbidden `errno-eperm` without root, not-found `errno-enoent`
 */
export function mountOverlay(options: OverlayOptions): void {
  try {
    if (!mountByDescriptor(options)) mountByPage(options);
  } catch (error) {
    throw translated(error, options);
  }
}

/**
 * Linux 6.8 and later: one option a layer, so that neither length nor characters of paths matter. Answers false
 * when this kernel does not know it.
 */
function mountByDescriptor({ lower, upper, target }: OverlayOptions): boolean {
  const context = openContext();
  if (context === undefined) return false;
  try {
    const set = (key: string, value: string): void => {
      fsconfig(numbers.fsconfig, context, FSCONFIG_SET_STRING, key, value, 0);
    };
    try {
      for (const directory of lower) set('lowerdir+', directory);
    } catch (error) {
      if (errnoOf(error) === 'EINVAL') return false;
      throw error;
    }
    if (upper !== undefined) {
      set('upperdir', escaped(upper.directory));
      set('workdir', escaped(upper.work));
    } else {
      fsconfig(numbers.fsconfig, context, FSCONFIG_SET_FLAG, 'ro', null, 0);
    }
    for (const [key, value] of Object.entries(plain)) set(key, value);
    fsconfig(numbers.fsconfig, context, FSCONFIG_CMD_CREATE, null, null, 0);
    const attributes = upper === undefined ? MOUNT_ATTR_RDONLY : 0;
    const detached = fsmount(numbers.fsmount, context, FSMOUNT_CLOEXEC, attributes);
    try {
      moveMount(numbers.moveMount, detached, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
    } finally {
      fs.closeSync(detached);
    }
    return true;
  } finally {
    fs.closeSync(context);
  }
}

function openContext(): number | undefined {
  try {
    return fsopen(numbers.fsopen, 'overlay', FSOPEN_CLOEXEC);
  } catch (error) {
    if (errnoOf(error) === 'ENOSYS') return undefined;
    throw error;
  }
}

/**
 * Older kernels take all options in one page: descriptors stand for the paths to make them short, which suffices
 * for some 230 layers.
 */
export function mountByPage({ lower, upper, target }: OverlayOptions): void {
  const open: number[] = [];
  try {
    const short = (directory: string): string => {
      const fd = fs.openSync(directory, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
      open.push(fd);
      return `/proc/self/fd/${fd}`;
    };
    const data = Object.entries({
      ...plain,
      lowerdir: lower.map(short).join(':'),
      ...(upper === undefined ? {} : { upperdir: short(upper.directory), workdir: short(upper.work) }),
    })
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    if (data.length >= pageSize) {
      throw new GantryError(
        'unsupported',
        'overlay-unsupported',
        `${lower.length} layers are more than this kernel can stack: Linux 6.8 or later can`,
      );
    }
    mount('overlay', target, 'overlay', upper === undefined ? MS_RDONLY : 0, data);
  } finally {
    for (const fd of open) fs.closeSync(fd);
  }
}

// The kernel takes a backslash in these two options for an escape.
function escaped(path: string): string {
  return path.replaceAll('\\', '\\\\');
}

function translated(error: unknown, { target, lower }: OverlayOptions): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || !['ENODEV', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'ELOOP', 'ESTALE'].includes(errno)) {
    return fromErrno(error, `mount an overlay at ${target}`, { target });
  }
  return new GantryError(
    'unsupported',
    'overlay-unsupported',
    `the kernel refuses to stack ${lower.length} directories by overlayfs at ${target} (${errno}): use a file system that can, such as ext4 or xfs with ftype=1`,
    { subject: { target, errno }, cause: error },
  );
}
