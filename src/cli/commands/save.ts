import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromErrno, GantryError } from '#errors';
import { defineCommand } from '../command.ts';
import { writeOutputFile } from '../output-file.ts';
import { platformQuery } from '../platform-query.ts';
import { requireApi } from '../require-api.ts';

export const save = defineCommand({
  name: 'save',
  shortcut: 'save',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  short: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  examples: ['save nginx > nginx.tar', 'save --output images.tar nginx:1.27 busybox'],
  words: 'images',
  flags: {
    output: { type: 'string', short: 'o', usage: 'Write to a file, instead of STDOUT' },
    platform: {
      type: 'string',
      usage: 'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    },
  },
  arity: { min: 1, max: Infinity },
  async run({ io, args, flags, engine, signal }) {
    const query = { names: args, ...platformQuery(flags.platform) };
    const open = async () => {
      const client = await engine();
      if (flags.platform !== '') requireApi(client, '1.48', '--platform');
      return (await client.request({ method: 'GET', path: '/images/get', query, signal })).body;
    };
    if (flags.output !== '') {
      await writeOutputFile(io, flags.output, open);
      return undefined;
    }
    if (io.stdout.isTTY === true) {
      throw new GantryError(
        'invalid-argument',
        'output-terminal',
        'cowardly refusing to save to a terminal. Use the -o flag or redirect',
      );
    }
    const archive = Readable.from(await open(), { objectMode: false });
    try {
      await pipeline(archive, io.stdout, { end: false });
    } catch (error) {
      throw fromErrno(error, 'write the archive to the standard output');
    }
    return undefined;
  },
});
