import { GantryError } from '#errors';
import { type TarEntry } from './entry.ts';
import { blockSize, paddingLength } from './field.ts';
import { type TarHandler } from './handler.ts';
import { parseHeader, type Header } from './header.ts';
import { checkLimit, type Fault, type TarLimits } from './limits.ts';
import { createPending, extendedKind, type ExtendedKind } from './pending.ts';
import { checkPieces, createSparseMapReader, expandSparse, oldGnuSize, readOldGnuMap } from './sparse.ts';

type State =
  /** A whole block goes to `onBlock`. */
  | 'block'
  /** `left` bytes of an extended header. */
  | 'extended'
  /** `left` bytes of content. */
  | 'data'
  /** `left` bytes of padding. */
  | 'padding'
  | 'ended';

type OnBlock = (block: Buffer, at: number) => void;

/** The state machine behind `createTarReader`, which documents what it promises. */
export class Parser {
  readonly #handler: TarHandler;
  readonly #limits: TarLimits;
  readonly #pending = createPending();
  readonly #block = Buffer.alloc(blockSize);
  #state: State = 'block';
  #onBlock: OnBlock;
  /** Bytes held of a block or an extended header that is not complete. */
  #held = 0;
  #left = 0;
  #size = 0;
  #zeroBlocks = 0;
  #extended = Buffer.alloc(0);
  #extendedKind: ExtendedKind = 'pax';
  #content: { data(chunk: Uint8Array): void; end?(): void };
  /** Where in the archive the current chunk and the current header begin. */
  #position = 0;
  #headerAt = 0;

  constructor(handler: TarHandler, limits: TarLimits) {
    this.#handler = handler;
    this.#limits = limits;
    this.#content = handler;
    this.#onBlock = this.#readHeader;
  }

  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      switch (this.#state) {
        case 'block':
          at = this.#takeBlock(chunk, at);
          break;
        case 'extended':
          at = this.#takeExtended(chunk, at);
          break;
        case 'data':
          at = this.#takeData(chunk, at);
          break;
        case 'padding': {
          const length = Math.min(this.#left, chunk.length - at);
          this.#left -= length;
          at += length;
          if (this.#left === 0) this.#expectHeader();
          break;
        }
        case 'ended':
          at = chunk.length;
      }
    }
    this.#position += chunk.length;
  }

  end(): void {
    const whole = this.#state === 'block' && this.#onBlock === this.#readHeader && this.#held === 0;
    if (this.#pending.waiting || !(whole || this.#state === 'padding' || this.#state === 'ended')) {
      throw new GantryError(
        'corrupt',
        'tar-truncated',
        `the tar archive ends at byte ${this.#position} within an entry: get it again`,
        { subject: { position: this.#position } },
      );
    }
  }

  readonly #fault: Fault = (why) =>
    new GantryError(
      'corrupt',
      'tar-header',
      `the tar header at byte ${this.#headerAt} is damaged, ${why}: get the archive again`,
      {
        subject: { position: this.#headerAt },
      },
    );

  #takeBlock(chunk: Buffer, at: number): number {
    if (this.#held === 0) {
      if (this.#onBlock === this.#readHeader) this.#headerAt = this.#position + at;
      if (chunk.length - at >= blockSize) {
        this.#onBlock(chunk, at);
        return at + blockSize;
      }
    }
    const end = Math.min(chunk.length, at + blockSize - this.#held);
    this.#held += chunk.copy(this.#block, this.#held, at, end);
    if (this.#held === blockSize) {
      this.#held = 0;
      this.#onBlock(this.#block, 0);
    }
    return end;
  }

  #takeExtended(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    if (this.#held === 0 && end - at === this.#left) {
      this.#endExtended(chunk.subarray(at, end));
      return end;
    }
    if (this.#held === 0) this.#extended = Buffer.allocUnsafe(this.#left);
    this.#held += chunk.copy(this.#extended, this.#held, at, end);
    this.#left -= end - at;
    if (this.#left === 0) this.#endExtended(this.#extended);
    return end;
  }

  #takeData(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    this.#left -= end - at;
    this.#content.data(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    if (this.#left === 0) this.#endEntry();
    return end;
  }

  #expectHeader(): void {
    this.#state = 'block';
    this.#onBlock = this.#readHeader;
  }

  /** Skips to the next block after `#size` bytes of data. */
  #pad(): void {
    this.#left = paddingLength(this.#size);
    if (this.#left === 0) this.#expectHeader();
    else this.#state = 'padding';
  }

  #readHeader(block: Buffer, at: number): void {
    const header = parseHeader(block, at, this.#fault);
    if (header === undefined) {
      if (this.#zeroBlocks++ > 0) this.#state = 'ended';
      return;
    }
    if (this.#zeroBlocks > 0) throw this.#fault('a block of zeros, which ends an archive, precedes it');
    const kind = extendedKind(header.typeflag);
    if (kind !== undefined) this.#openExtended(kind, header.draft.size);
    else this.#openEntry(header, block, at);
  }

  #openExtended(kind: ExtendedKind, size: number): void {
    checkLimit(this.#limits, 'headerBytes', size);
    this.#extendedKind = kind;
    this.#size = this.#left = size;
    if (size === 0) this.#endExtended(this.#extended.subarray(0, 0));
    else this.#state = 'extended';
  }

  #endExtended(bytes: Buffer): void {
    this.#held = 0;
    this.#pending.take(this.#extendedKind, bytes, this.#fault);
    this.#pad();
  }

  #openEntry(header: Header, block: Buffer, at: number): void {
    const { draft } = header;
    const sparse = this.#pending.apply(header, this.#fault);
    this.#size = this.#left = draft.size;
    if (header.typeflag === 'S') {
      if (!header.gnu) throw this.#fault('it is sparse in a format that is not known');
      draft.size = oldGnuSize(block, at, this.#fault);
      this.#openOldGnu(draft, block, at);
    } else if (sparse === undefined) {
      this.#startEntry(draft);
    } else {
      draft.size = sparse.size;
      if (sparse.pieces === undefined) this.#openSparseMap(draft);
      else this.#startEntry(draft, sparse.pieces);
    }
  }

  /** Old GNU sparse: the map begins in the header and goes on in extension blocks before the data. */
  #openOldGnu(entry: TarEntry, header: Buffer, headerAt: number): void {
    const pieces: number[] = [];
    const take = (block: Buffer, at: number, kind: 'header' | 'extension'): void => {
      const more = readOldGnuMap({ block, at, kind }, pieces, { limits: this.#limits, fault: this.#fault });
      if (more) this.#state = 'block';
      else this.#startEntry(entry, pieces);
    };
    this.#onBlock = (block, at) => {
      take(block, at, 'extension');
    };
    take(header, headerAt, 'header');
  }

  /** GNU sparse 1.0: the map is the first part of the data. */
  #openSparseMap(entry: TarEntry): void {
    const map = createSparseMapReader(this.#limits, this.#fault);
    this.#state = 'block';
    this.#onBlock = (block, at) => {
      this.#left -= blockSize;
      if (this.#left < 0) throw this.#fault('its sparse map is longer than its data');
      if (map.block(block, at)) this.#startEntry(entry, map.pieces);
    };
  }

  #startEntry(entry: TarEntry, pieces?: readonly number[]): void {
    if (pieces === undefined) {
      this.#content = this.#handler;
    } else {
      checkPieces(pieces, { size: entry.size, stored: this.#left, fault: this.#fault });
      this.#content = expandSparse(pieces, entry.size, this.#handler);
    }
    this.#handler.entry(entry);
    if (this.#left === 0) this.#endEntry();
    else this.#state = 'data';
  }

  #endEntry(): void {
    this.#content.end?.();
    this.#handler.entryEnd();
    this.#pad();
  }
}
