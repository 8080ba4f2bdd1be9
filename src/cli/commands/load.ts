import { stat } from 'node:fs/promises';
import path from 'node:path';
import { GantryError } from '#errors';
import { defineCommand, type Invocation } from '../command.ts';
import { directoryArchive } from '../directory-archive.ts';
import { readInputFile } from '../input-file.ts';
import { platformQuery } from '../platform-query.ts';
import { progressFlag, progressMode } from '../progress-flag.ts';
import { showProgress } from '../progress.ts';
import { requireApi } from '../require-api.ts';

export const load = defineCommand({
  name: 'load',
  shortcut: 'load',
  usage: '[OPTIONS]',
  short: 'Load an image from a tar archive or STDIN',
  examples: ['load --input images.tar', 'load < images.tar.gz'],
  flags: {
    input: { type: 'string', short: 'i', usage: 'Read from tar archive file, instead of STDIN' },
    platform: {
      type: 'string',
      usage: 'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    },
    progress: progressFlag,
    quiet: { type: 'boolean', short: 'q', usage: 'Suppress the load output' },
  },
  arity: { min: 0, max: 0 },
  async run({ io, flags, engine, signal }) {
    const body = await openArchive(io, flags.input);
    const mode = progressMode(flags);
    const query = { quiet: mode === 'quiet' ? 1 : 0, ...platformQuery(flags.platform) };
    const client = await engine();
    if (flags.platform !== '') requireApi(client, '1.48', '--platform');
    const answer = await client.request({ method: 'POST', path: '/images/load', query, body, signal });
    // Quiet is the daemon's matter: what it loaded is told all the same.
    await showProgress(io, answer.messages(), { mode: mode === 'quiet' ? 'plain' : mode });
    return undefined;
  },
});

async function openArchive(io: Invocation['io'], input: string): Promise<AsyncIterable<Uint8Array>> {
  if (input !== '') {
    const file = path.resolve(io.cwd, input);
    const isDirectory = await stat(file).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    return isDirectory ? directoryArchive(file) : readInputFile(io, input);
  }
  if (io.stdin.isTTY !== true) return io.stdin as AsyncIterable<Uint8Array>;
  throw new GantryError(
    'invalid-argument',
    'input-terminal',
    'requested load from stdin, but stdin is empty',
  );
}
