import { readFile, readlink } from 'node:fs/promises';
import { GantryError } from '#errors';

/** A socket that was open when the process began. */
export interface PassedSocket {
  readonly fd: number;
  readonly type: 'unix' | 'tcp';
}

/** The first of them (systemd, sd_listen_fds(3): SD_LISTEN_FDS_START). */
const firstFd = 3;

/**
 * The sockets that systemd, or whoever speaks its protocol (sd_listen_fds(3)), has passed to this process: all, or
 * the one with the name (LISTEN_FDNAMES) or number `which`.
 *
 * @param options.pids this process, and its parent when that only made way for it
 * @throws invalid-argument `host-no-fd` when there are none
 */
export async function passedSockets(
  which: string | undefined,
  { env, pids }: { env: Readonly<Record<string, string | undefined>>; pids: readonly number[] },
): Promise<readonly PassedSocket[]> {
  const isMeant = pids.includes(Number(env['LISTEN_PID']));
  const names = env['LISTEN_FDNAMES']?.split(':') ?? [];
  const fds = Array.from({ length: isMeant ? Number(env['LISTEN_FDS'] ?? 0) : 0 }, (_, n) => firstFd + n);
  const wanted = fds.filter((fd, n) => which === undefined || which === String(fd) || which === names[n]);
  if (wanted.length > 0) return Promise.all(wanted.map(async (fd) => ({ fd, type: await typeOf(fd) })));
  throw new GantryError(
    'invalid-argument',
    'host-no-fd',
    `cannot listen at fd://${which ?? ''}: systemd has passed no such socket; start the daemon by a socket unit, or give another --host`,
    { subject: { which: which ?? '', passed: fds.length } },
  );
}

/** The kernel lists its Unix sockets by inode (proc(5), /proc/net/unix); a stream socket that is none is TCP. */
async function typeOf(fd: number): Promise<PassedSocket['type']> {
  const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/self/fd/${fd}`))?.[1] ?? '';
  const list = await readFile('/proc/self/net/unix', 'utf8');
  return list.split('\n').some((line) => line.split(/\s+/)[6] === inode) ? 'unix' : 'tcp';
}
