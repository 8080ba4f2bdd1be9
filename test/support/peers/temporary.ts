import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

/** A directory of one test. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Its absolute path. */
  readonly path: string;
}

/** A new, empty directory; disposing it unmounts what is mounted below it and removes it with all it holds. */
export async function temporaryDirectory(name = 'test'): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), `gantry-${name}-`));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await unmountBelow(path);
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * Unmounts everything mounted at `path` or below it, deepest first: removing a directory must never reach through
 * a mount that a killed peer left.
 */
export async function unmountBelow(path: string): Promise<void> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const points = table
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    // proc_pid_mountinfo(5): space, tab, newline and backslash are octal escapes.
    .map((point) =>
      point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((point) => point === path || point.startsWith(`${path}/`));
  for (const point of points.reverse()) await run('umount', ['--lazy', point]);
}
