import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf, fromErrno } from '#errors';
import { libcFunction } from './libc.ts';

const flock = libcFunction('int flock(int fd, int operation)');
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;

// A lock is held for milliseconds (a commit) or minutes (a download): the first pause serves the former, the
// last keeps a waiter at ten system calls a second.
const firstPause = 5;
const longestPause = 100;

/**
 * Tries once to lock the file at `path` (made when it is missing, mode 0600) and answers undefined when someone
 * else, in this process or another, holds it. Disposing releases the lock, and so does the death of the process.
 *
 * The holder may remove the file before it releases: who waited for it notices and locks the new one.
 *
 * @param options.shared several holders at once, none of them exclusive
 * @throws `errno-…` when the file cannot be made
 */
export function tryLock(path: string, { shared = false }: { shared?: boolean } = {}): Disposable | undefined {
  try {
    return attempt(path, LOCK_NB | (shared ? LOCK_SH : LOCK_EX));
  } catch (error) {
    throw fromErrno(error, `lock ${path}`, { path });
  }
}

/**
 * As `tryLock`, but waits. `onWait` is called once when the lock is found taken. Waiters are not served in order.
 *
 * @throws the signal's reason when aborted while waiting
 */
export async function openLock(
  path: string,
  { signal, onWait, shared = false }: { signal?: AbortSignal; onWait?: () => void; shared?: boolean } = {},
): Promise<Disposable> {
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    signal?.throwIfAborted();
    const lock = tryLock(path, { shared });
    if (lock !== undefined) return lock;
    if (pause === firstPause) onWait?.();
    // An abort rejects with an error of the timer's; the check above throws the reason itself.
    await delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

function attempt(path: string, operation: number): Disposable | undefined {
  for (;;) {
    const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW, 0o600);
    try {
      flock(fd, operation);
    } catch (error) {
      fs.closeSync(fd);
      if (errnoOf(error) === 'EAGAIN') return undefined;
      throw error;
    }
    if (isStillAt(path, fd)) return release(fd);
    // The last holder removed the file between our open and our lock: this lock excludes nobody.
    fs.closeSync(fd);
  }
}

function isStillAt(path: string, fd: number): boolean {
  const named = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const held = fs.fstatSync(fd, { bigint: true });
  return named !== undefined && named.ino === held.ino && named.dev === held.dev;
}

function release(fd: number): Disposable {
  let held = true;
  return {
    [Symbol.dispose]() {
      // The number may belong to another file by the second call.
      if (held) fs.closeSync(fd);
      held = false;
    },
  };
}
