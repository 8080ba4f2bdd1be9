import { createTarReader, type TarEntry, type TarHandler, type TarLimits } from './index.ts';

/** Archives built block by block, so that tests do not depend on the writer, and what a reader makes of them. */

export interface Found {
  readonly entry: TarEntry;
  /** The stored content as a byte string, with each hole as `[hole N]`. */
  readonly content: string;
}

/** Everything that the reader finds in `archive`, written in chunks of `cut` bytes. */
export function readAll(
  archive: Uint8Array,
  { cut = archive.length, limits = {} }: { cut?: number; limits?: Partial<TarLimits> } = {},
): Found[] {
  const found: Found[] = [];
  let open: { entry: TarEntry; content: string } | undefined;
  const add = (text: string): void => {
    if (open === undefined) throw new Error('content outside of an entry');
    open.content += text;
  };
  const handler: TarHandler = {
    entry: (entry) => {
      if (open !== undefined) throw new Error('an entry within an entry');
      open = { entry, content: '' };
    },
    data: (chunk) => {
      add(Buffer.from(chunk).toString('latin1'));
    },
    hole: (length) => {
      add(`[hole ${length}]`);
    },
    entryEnd: () => {
      if (open !== undefined) found.push(open);
      open = undefined;
    },
  };
  const reader = createTarReader(handler, limits);
  for (let at = 0; at < archive.length; at += Math.max(cut, 1)) reader.write(archive.subarray(at, at + cut));
  reader.end();
  return found;
}

export interface RawFields {
  readonly name?: string;
  readonly flag?: string;
  /** `ustar` (default), `gnu` or `v7`. */
  readonly format?: 'ustar' | 'gnu' | 'v7';
  /** Fields by offset, as byte strings, written last. */
  readonly at?: Readonly<Record<number, string>>;
  readonly data?: string | Uint8Array;
  /** The size that the header claims, when it is not that of `data`. */
  readonly size?: number;
  /** `none` leaves a wrong checksum; `signed` sums signed characters. */
  readonly checksum?: 'unsigned' | 'signed' | 'none';
}

const magic = { ustar: 'ustar\x0000', gnu: 'ustar  \0', v7: '' };

/** One header block with its data and padding. */
export function raw({
  name = 'x',
  flag = '0',
  format = 'ustar',
  at = {},
  data = '',
  ...rest
}: RawFields): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
  const block = Buffer.alloc(512);
  const put = (offset: number, text: string): void => {
    block.write(text, offset, 'latin1');
  };
  put(0, name);
  put(100, '0000644\0');
  put(124, `${(rest.size ?? bytes.length).toString(8).padStart(11, '0')}\0`);
  put(156, flag);
  put(257, magic[format]);
  for (const [offset, text] of Object.entries(at)) put(Number(offset), text);
  put(148, '        ');
  let sum = 0;
  for (const byte of block) sum += rest.checksum === 'signed' && byte > 127 ? byte - 256 : byte;
  if (rest.checksum !== 'none') put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return Buffer.concat([block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** A pax header: records as `keyword=value` byte strings. */
export function pax(records: readonly string[], flag: 'x' | 'g' = 'x'): Buffer {
  const lines = records.map((record) => {
    let length = record.length + 3;
    while (`${length} ${record}\n`.length !== length) length++;
    return `${length} ${record}\n`;
  });
  return raw({ name: 'pax', flag, data: lines.join('') });
}

export const end = Buffer.alloc(1024);
