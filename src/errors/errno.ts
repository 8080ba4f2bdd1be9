import { GantryError, type ErrorKind, type ErrorSubject } from './error.ts';

const kinds: Readonly<Record<string, [ErrorKind, string]>> = {
  ENOENT: ['not-found', 'no such file or directory'],
  EEXIST: ['conflict', 'it exists already'],
  EACCES: ['forbidden', 'permission denied'],
  EPERM: ['forbidden', 'operation not permitted'],
  EROFS: ['forbidden', 'the file system is read-only'],
  ENOSPC: ['resource-exhausted', 'no space left on device'],
  EDQUOT: ['resource-exhausted', 'the disk quota is used up'],
  EMFILE: ['resource-exhausted', 'too many open files'],
  ENFILE: ['resource-exhausted', 'too many open files in the system'],
  ENOMEM: ['resource-exhausted', 'out of memory'],
  EFBIG: ['resource-exhausted', 'the file is too large for the file system'],
  EIO: ['corrupt', 'input/output error'],
  EBUSY: ['conflict', 'it is in use'],
  ENOTSUP: ['unsupported', 'the file system does not support it'],
  EOPNOTSUPP: ['unsupported', 'the file system does not support it'],
  ENOSYS: ['unsupported', 'the kernel does not support it'],
};

/** The errno name of a system error (`ENOSPC`), or undefined when it is no such error. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/**
 * A system error translated where it occurred: `action` says what was tried ("write blob sha256:…"), the kind
 * follows from the errno. Errors that carry no errno (a GantryError, an abort) come back as they are.
 */
export function fromErrno(error: unknown, action: string, subject: ErrorSubject = {}): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const [kind, words] = kinds[errno] ?? (['internal', errno] satisfies [ErrorKind, string]);
  return new GantryError(kind, `errno-${errno.toLowerCase()}`, `cannot ${action}: ${words}`, {
    subject: { ...subject, errno },
    cause: error,
  });
}
