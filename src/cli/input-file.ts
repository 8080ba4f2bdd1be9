import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf, findError, fromErrno, GantryError } from '#errors';
import type { CommandIO } from './terminal.ts';

/** How docker words what it finds most. */
const words: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
};

/**
 * The bytes of a file, to send it. Nothing is open until they are read.
 *
 * @throws `errno-…` in docker's words (`open x.tar: no such file or directory`), also while the bytes are read
 */
export async function readInputFile(
  { cwd }: Pick<CommandIO, 'cwd'>,
  name: string,
): Promise<AsyncIterable<Uint8Array>> {
  const file = path.resolve(cwd, name);
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw inWords(error, `open ${name}`);
  }
  return read(file, name);
}

async function* read(file: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw inWords(error, `read ${name}`);
  }
}

function inWords(error: unknown, action: string): unknown {
  const said = words[errnoOf(error) ?? ''];
  const translated = findError(fromErrno(error, action));
  if (said === undefined || translated === undefined) return translated ?? error;
  const { kind, code, subject } = translated;
  return new GantryError(kind, code, `${action}: ${said}`, { subject, cause: error });
}
