import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { findError, fromErrno, GantryError } from '#errors';

/** How the machine's programs undo what Node cannot, and the Debian package that has each. */
const programs = {
  // A dictionary of 64 MiB is what `xz -9` asks for; more than this is an attack on memory.
  xz: { args: ['--decompress', '--stdout', '--memlimit-decompress=512MiB'], from: 'xz-utils' },
  bzip2: { args: ['--decompress', '--stdout'], from: 'bzip2' },
} as const;

export type FilterProgram = keyof typeof programs;

/** What a program says of its failure, at most; the rest is not kept. */
const maxComplaint = 2000;

/**
 * Sends `source` through a program of this machine, in a child process that ends with this stream. Each piece of
 * `source` is used up before the next is asked for, and no more is asked for than the program takes.
 *
 * @throws unsupported `layer-compression` when the program is not installed; corrupt `layer-compression` when it
 *   refuses its input; what `source` throws
 */
export async function* runFilter(
  name: FilterProgram,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const child = spawn(name, programs[name].args, { stdio: 'pipe' });
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    child.stdout.destroy();
  };
  child.once('error', (error) => {
    fail(startError(name, error));
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, maxComplaint);
  });
  // A program that ends early breaks the pipe; why it did is told by how it ended.
  child.stdin.on('error', () => undefined);
  feed(child.stdin, source).catch(fail);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const code = await closed;
    if (code !== 0) throw refused(name, complaint.trim());
  } catch (error) {
    // What the source, or the start of the program, has to say comes before the broken pipes that it leaves.
    throw failure === undefined ? error : failure.error;
  } finally {
    child.kill('SIGKILL');
  }
}

async function feed(stdin: Writable, source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of source) {
    if (stdin.destroyed) return;
    // Not before it is taken up: the source uses the memory again.
    await new Promise<void>((resolve) => {
      stdin.write(piece, () => {
        resolve();
      });
    });
  }
  stdin.end();
}

function startError(name: FilterProgram, error: Error): unknown {
  const failure = fromErrno(error, `run ${name}`);
  if (findError(failure, { code: 'errno-enoent' }) === undefined) return failure;
  const { from } = programs[name];
  return new GantryError(
    'unsupported',
    'layer-compression',
    `the layer is compressed by ${name}, and this machine has no program ${name}: install the package ${from}`,
    { subject: { program: name, package: from }, cause: error },
  );
}

function refused(name: FilterProgram, complaint: string): GantryError {
  return new GantryError(
    'corrupt',
    'layer-compression',
    `the compressed layer is damaged: ${complaint || `${name} failed`}`,
    { subject: { program: name } },
  );
}
