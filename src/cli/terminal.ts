import type { Readable, Writable } from 'node:stream';

/** A stream to write to, which may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything outside that a command touches. Nothing else of the process is used. */
export interface CommandIO {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The absolute path against which relative ones are resolved. */
  readonly cwd: string;
}

/** What a stream can show. */
export interface Terminal {
  readonly isTerminal: boolean;
  /** Cells in a line; undefined when lines have no end. */
  readonly columns: number | undefined;
  /** Whether escape sequences for colour are welcome. */
  readonly colour: boolean;
}

/**
 * What the stream can show. Colour needs a terminal and yields to a NO_COLOR that is not empty (no-color.org) and to
 * TERM=dumb.
 */
export function describeTerminal(stream: OutputStream, env: CommandIO['env']): Terminal {
  const isTerminal = stream.isTTY === true;
  // A terminal may not know its size; 80 is what help and tables are made for.
  const columns = isTerminal ? stream.columns || 80 : undefined;
  const colour = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return { isTerminal, columns, colour };
}
