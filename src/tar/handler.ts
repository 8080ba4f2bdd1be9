import { type TarEntry } from './entry.ts';
import { type ContentSink } from './sparse.ts';

/**
 * What a reader finds, in the order of the archive: for each entry `entry`, then `data` and `hole` as often as its
 * content needs, then `entryEnd`. What a method throws comes out of `write`, and the reader is spent.
 */
export interface TarHandler extends ContentSink {
  entry(entry: TarEntry): void;
  /** Content: a view into the chunk that was written, valid during the call only. */
  data(chunk: Uint8Array): void;
  /** `length` zero bytes of content that the archive does not store; huge in a hostile archive. */
  hole(length: number): void;
  entryEnd(): void;
}
