import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CommandIO } from './terminal.ts';

/**
 * Asks a question on the terminal and does not show the answer; the end of the input is an empty one.
 *
 * @throws the abort of `signal`, or of Ctrl-C at the question
 */
export async function askSecret(
  { stdin, stdout }: CommandIO,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  stdout.write(question);
  const unseen = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  // As a terminal: the keys then come one by one, and it is up to this interface to show them.
  const lines = createInterface({ input: stdin, output: unseen, terminal: true });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  lines.once('close', () => {
    resolve('');
  });
  lines.once('SIGINT', () => {
    reject(AbortSignal.abort().reason as Error);
  });
  lines.question('', { signal }).then(resolve, reject);
  try {
    return (await promise).trim();
  } finally {
    lines.close();
    stdout.write('\n');
  }
}
