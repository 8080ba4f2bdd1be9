import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** How a command is run; `env` is added to the environment of the tests. */
export interface RunOptions {
  /** What the command reads from its standard input; without it, the input is empty. */
  readonly input?: string | Uint8Array | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd?: string | undefined;
  /** Milliseconds until the command is killed; 2 minutes unless told. */
  readonly timeout?: number | undefined;
}

/** How a command ended. `code` is the shell's: 128 and the signal's number when a signal ended it. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end and tells how it ended. Throws when it cannot be started or takes too long. */
export async function run(
  command: string,
  args: readonly string[],
  { input, env, cwd, timeout = 120_000 }: RunOptions = {},
): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));

  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    // A grandchild may hold the pipes open; nobody waits for it.
    child.stdout.destroy();
    child.stderr.destroy();
    reject(new Error(`${words(command, args)} took longer than ${timeout} ms${quoted(stderr)}`));
  }, timeout);

  child.once('error', (cause) => {
    reject(new Error(`cannot run ${words(command, args)}: ${cause.message}`, { cause }));
  });
  child.once('close', (code, signal) => {
    resolve({
      code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
    });
  });
  // A command that does not read all of its input closes the pipe; how it ended tells the story.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);

  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a command that must succeed and gives its standard output. Throws with its standard error when it fails. */
export async function succeed(
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${words(command, args)} ended with ${code}${quoted([Buffer.from(stderr || stdout)])}`);
}

function words(command: string, args: readonly string[]): string {
  return [command, ...args].join(' ');
}

function quoted(output: readonly Buffer[]): string {
  const text = Buffer.concat(output).toString().trim();
  return text === '' ? '' : `:\n${text}`;
}
