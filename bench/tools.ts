import { join } from 'node:path';
import { openDockerd, succeed } from '../test/support/peers.ts';
import type { Contestant } from './contest.ts';

const gantryBin = new URL('../bin/gantry.mjs', import.meta.url).pathname;

/** What a tool is asked to do: words for its command, as docker has them. */
export interface Task {
  /** Done before the clock starts. */
  readonly before?: readonly (readonly string[])[];
  readonly timed: readonly (readonly string[])[];
}

type TaskOn = (directory: string) => Task;

/** Gantry without a daemon. */
export function gantry(task: TaskOn, name = 'gantry'): Contestant {
  return contestant(name, task, (directory) => async (words) => {
    await succeed(process.execPath, [gantryBin, '--data-root', join(directory, 'gantry'), ...words]);
  });
}

export function podman(task: TaskOn): Contestant {
  return contestant('podman', task, (directory) => async (words) => {
    const store = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
    const insecure = words[0] === 'pull' || words[0] === 'push' ? ['--tls-verify=false'] : [];
    const [verb, ...rest] = words;
    await succeed('podman', [...store, '--storage-driver', 'overlay', verb!, ...insecure, ...rest]);
  });
}

/** Debian's dockerd, started before the clock. */
export function dockerd(task: TaskOn): Contestant {
  return {
    name: 'dockerd',
    async prepare(directory, stack) {
      const daemon = stack.use(await openDockerd({ dir: join(directory, 'dockerd') }));
      const docker = async (words: readonly string[]) => {
        const { code, stderr } = await daemon.docker(words);
        if (code !== 0) throw new Error(`docker ${words.join(' ')}: ${stderr}`);
      };
      return steps(task(directory), docker);
    },
  };
}

/** A floor: another program's command line, with the directory put in. */
export function program(name: string, command: (directory: string) => readonly string[]): Contestant {
  return {
    name,
    prepare: async (directory) => async () => {
      const [file, ...args] = command(directory);
      await succeed(file!, args);
    },
  };
}

function contestant(
  name: string,
  task: TaskOn,
  open: (directory: string) => (words: readonly string[]) => Promise<void>,
): Contestant {
  return { name, prepare: async (directory) => steps(task(directory), open(directory)) };
}

async function steps(
  { before = [], timed }: Task,
  run: (words: readonly string[]) => Promise<void>,
): Promise<() => Promise<void>> {
  for (const words of before) await run(words);
  return async () => {
    for (const words of timed) await run(words);
  };
}
