import { createWriteStream, type Stats } from 'node:fs';
import { lstat, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errnoOf, fromErrno, GantryError } from '#errors';
import type { CommandIO } from './terminal.ts';

/**
 * Writes what `open` gives to a file, all of it or nothing: beside the file first, and in its place at the end. The
 * file is its owner's only (0600).
 *
 * @throws invalid-argument `output-path` before `open` is called; `errno-…`; what `open` and its bytes throw
 */
export async function writeOutputFile(
  { cwd }: Pick<CommandIO, 'cwd'>,
  name: string,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<void> {
  const file = path.resolve(cwd, name);
  await checkPlace(file, name);
  let beside: string | undefined;
  try {
    beside = await mkdtemp(path.join(path.dirname(file), '.gantry-'));
    const whole = path.join(beside, path.basename(file));
    // flush: a file that stands under its name is complete, even after a power loss.
    await pipeline(await open(), createWriteStream(whole, { mode: 0o600, flush: true }));
    await rename(whole, file);
  } catch (error) {
    throw fromErrno(error, `write ${name}`, { file });
  } finally {
    if (beside !== undefined) await rm(beside, { recursive: true, force: true });
  }
}

/** What a file must not replace, in docker's words (moby/sys atomicwriter). */
const irreplaceable: readonly (readonly [(found: Stats) => boolean, string])[] = [
  [(found) => found.isDirectory(), 'directory'],
  [(found) => found.isSymbolicLink(), 'symbolic link directly'],
  [(found) => found.isBlockDevice(), 'block device file'],
  [(found) => found.isCharacterDevice(), 'character device file'],
  [(found) => found.isFIFO(), 'named pipe file'],
  [(found) => found.isSocket(), 'socket file'],
];

async function checkPlace(file: string, name: string): Promise<void> {
  const refuse = (why: string) =>
    new GantryError('invalid-argument', 'output-path', `failed to save image: ${why}`, { subject: { file } });
  try {
    await stat(path.dirname(file));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw fromErrno(error, `write ${name}`, { file });
    throw refuse(`invalid output path: stat ${path.dirname(name)}: no such file or directory`);
  }
  let found: Stats;
  try {
    found = await lstat(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw fromErrno(error, `write ${name}`, { file });
  }
  const kind = irreplaceable.find(([is]) => is(found))?.[1];
  if (kind !== undefined) throw refuse(`cannot write to a ${kind}`);
}
