import { addAbortSignal } from 'node:stream';
import type { CommandIO } from './terminal.ts';

/** Asks a question on the terminal; only `y` and `yes` mean yes, and the end of the input means no. */
export async function confirm(io: CommandIO, question: string, signal: AbortSignal): Promise<boolean> {
  io.stdout.write(question);
  const answer = await readLine(io, signal);
  return /^y(es)?$/i.test(answer.trim());
}

/** The longest line that is read. */
const maxLine = 64 * 1024;

/** The next line of the input without its end; empty at the end of the input. An abort ends the input. */
export async function readLine({ stdin }: CommandIO, signal: AbortSignal): Promise<string> {
  addAbortSignal(signal, stdin);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    const end = bytes.indexOf('\n');
    chunks.push(end < 0 ? bytes : bytes.subarray(0, end));
    length += bytes.length;
    if (end >= 0 || length > maxLine) {
      if (end >= 0 && end + 1 < bytes.length) stdin.unshift(bytes.subarray(end + 1));
      break;
    }
  }
  return Buffer.concat(chunks).toString().replace(/\r$/, '');
}
