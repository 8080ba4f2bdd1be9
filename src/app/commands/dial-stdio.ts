import { pipeline } from 'node:stream/promises';
import { type Command, defineCommand } from '#cli';
import { dial } from '../connect.ts';
import type { Surroundings } from '../places.ts';

/** `gantry system dial-stdio`: what a client with an `ssh://` host runs on this side. */
export function dialStdioCommand(surroundings: Surroundings): Command {
  return defineCommand({
    name: 'dial-stdio',
    usage: '',
    hidden: true,
    short: 'Proxy the stdio stream to the daemon connection. Should not be invoked manually.',
    examples: ['system dial-stdio'],
    flags: {},
    arity: { min: 0, max: 0 },
    async run({ io, globals, signal }) {
      const warn = (line: string) => io.stderr.write(`${line}\n`);
      await using dialled = await dial(globals, { surroundings, warn });
      const { connection } = dialled;
      // The answer's end ends all; the asker's end is told to the daemon, which may still be answering.
      const asking = pipeline(io.stdin, connection, { signal });
      asking.catch(() => undefined);
      await pipeline(connection, io.stdout, { end: false, signal });
      io.stdin.destroy();
      return undefined;
    },
  });
}
