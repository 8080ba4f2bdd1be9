import { join } from 'node:path';
import { docker, gantry, openGantryDaemon } from './gantry.ts';
import type { RunOptions, RunResult } from './peers/run.ts';

/** One way to have the work done: the same words, the same answers. */
export interface Door {
  readonly name: string;
  run(words: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** As `run`; throws unless it ends with 0. Answers the standard output. */
  succeed(words: readonly string[], options?: RunOptions): Promise<string>;
}

/** The docker command with our daemon, our command with our daemon, our command alone. */
export const doorNames = ['docker', 'gantry with a daemon', 'gantry alone'] as const;

/** Opens a door to a new store in `dir`; disposing stops its daemon. */
export async function openDoor(
  name: (typeof doorNames)[number],
  dir: string,
): Promise<Door & AsyncDisposable> {
  const env = { DOCKER_CONFIG: join(dir, 'config') };
  await using stack = new AsyncDisposableStack();
  let run: Door['run'];
  if (name === 'gantry alone') {
    run = (words, options) => gantry(['--data-root', join(dir, 'data'), ...words], merge(options, env));
  } else {
    const { host } = stack.use(await openGantryDaemon({ dir }));
    run =
      name === 'docker'
        ? (words, options) => docker(words, { host, ...merge(options, env) })
        : (words, options) => gantry(['--host', host, ...words], merge(options, env));
  }
  const owned = stack.move();
  return {
    name,
    run,
    async succeed(words, options) {
      const { code, stdout, stderr } = await run(words, options);
      if (code === 0) return stdout;
      throw new Error(`${name}: ${words.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function merge(options: RunOptions = {}, env: Readonly<Record<string, string>>): RunOptions {
  return { timeout: 300_000, ...options, env: { ...env, ...options.env } };
}
