import fs from 'node:fs';
import { fromErrno } from '#errors';
import { printable } from './entry-path.ts';
import { applyToFile, type Metadata } from './metadata.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = fs.constants;

/** A regular file being written, from its first byte to its last. */
export class OpenFile implements Disposable {
  readonly #path: string | Buffer;
  readonly #metadata: Metadata;
  #fd: number | undefined;
  #position = 0;
  #endsInHole = false;

  /** Throws a system error, EEXIST among them. */
  constructor(path: string | Buffer, metadata: Metadata) {
    this.#path = path;
    this.#metadata = metadata;
    this.#fd = fs.openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  }

  write(chunk: Uint8Array): void {
    this.#attempt((fd) => {
      for (let done = 0; done < chunk.length;) {
        const written = fs.writeSync(fd, chunk, done, chunk.length - done, this.#position);
        done += written;
        this.#position += written;
      }
    });
    this.#endsInHole = false;
  }

  skip(length: number): void {
    this.#position += length;
    this.#endsInHole = true;
  }

  finish(): void {
    this.#attempt((fd) => {
      if (this.#endsInHole) fs.ftruncateSync(fd, this.#position);
      applyToFile(fd, this.#path, this.#metadata);
    });
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  #attempt(action: (fd: number) => void): void {
    if (this.#fd === undefined) return;
    try {
      action(this.#fd);
    } catch (error) {
      throw fromErrno(error, `unpack ${printable(this.#metadata.name)}`);
    }
  }
}
