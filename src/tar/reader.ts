import { type TarHandler } from './handler.ts';
import { defaultLimits, type TarLimits } from './limits.ts';
import { Parser } from './parser.ts';

/** Takes an archive in pieces of any size. */
export interface TarReader {
  /** Parses `chunk` and calls the handler before it returns. Bytes after the end of the archive are ignored. */
  write(chunk: Uint8Array): void;
  /** The archive is complete: to be called once, after the last `write`. */
  end(): void;
}

/**
 * A push parser for tar archives: v7, ustar, pax, GNU, star. It waits for nothing and holds at most one extended
 * header and one sparse map; back-pressure is not to write.
 *
 * - An archive may end without its two zero blocks, and within the padding of its last entry, as some do.
 * - A pax header wins over the header block, GNU's long names win over both.
 * - Global pax headers give owners and times to the entries after them; what else they hold is ignored.
 *
 * Throws from `write` and `end`, and again from each call after that:
 * `tar-header` (corrupt): a header is damaged or contradicts itself; `tar-truncated` (corrupt): the archive ends
 * within an entry; `tar-limit` (resource-exhausted): a header is larger than `limits` allow.
 */
export function createTarReader(handler: TarHandler, limits: Partial<TarLimits> = {}): TarReader {
  const parser = new Parser(handler, { ...defaultLimits, ...limits });
  let failure: { readonly error: unknown } | undefined;
  const guarded = (action: () => void): void => {
    if (failure !== undefined) throw failure.error;
    try {
      action();
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  return {
    write: (chunk) => {
      guarded(() => {
        parser.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      });
    },
    end: () => {
      guarded(() => {
        parser.end();
      });
    },
  };
}
