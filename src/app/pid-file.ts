import { readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf, fromErrno, GantryError } from '#errors';

/**
 * Writes the process's id into `file`. One that a dead process left is replaced. Disposing removes the file.
 *
 * @throws conflict `daemon-running` when the process that the file names is alive; `errno-…`
 */
export async function openPidFile(file: string, pid: number): Promise<Disposable> {
  const other = pidIn(file);
  if (other !== undefined && other !== pid && isAlive(other)) {
    throw new GantryError(
      'conflict',
      'daemon-running',
      `${file} says that process ${other} is the daemon, and it is running: stop it, or give another --pidfile`,
      { subject: { file, pid: other } },
    );
  }
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `${pid}\n`, { mode: 0o644 });
  } catch (error) {
    throw fromErrno(error, `write the pid file ${file}`, { file });
  }
  return {
    [Symbol.dispose]() {
      // It may be another daemon's by now.
      if (pidIn(file) === pid) rmSync(file, { force: true });
    },
  };
}

function pidIn(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}
