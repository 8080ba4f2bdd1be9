import { type CommandIO, runProgram } from '#cli';
import { connect } from './connect.ts';
import type { Surroundings } from './places.ts';
import { wholeProgram } from './program.ts';

/**
 * Runs the command line of `process` and resolves to its exit code. The first SIGINT or SIGTERM asks what runs to
 * stop; the second ends the process as it would by itself.
 */
export async function main(process: NodeJS.Process): Promise<number> {
  const surroundings = surroundingsOf(process);
  const io: CommandIO = {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
  };
  // A reader that has had enough (`gantry images | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const warn = (line: string) => process.stderr.write(`${line}\n`);
  return runProgram(wholeProgram(surroundings), process.argv.slice(2), {
    io,
    signal: interruption(process),
    connect: (globals, signal) => connect(globals, { surroundings, warn, signal }),
  });
}

function surroundingsOf(process: NodeJS.Process): Surroundings {
  return {
    uid: process.getuid?.() ?? -1,
    home: process.env['HOME'] ?? '/',
    cwd: process.cwd(),
    env: process.env,
  };
}

function interruption(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      controller.abort();
    });
  }
  return controller.signal;
}
