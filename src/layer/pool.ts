import { open } from 'node:fs/promises';
import os from 'node:os';
import { fromErrno } from '#errors';
import { defaultLimits } from './limits.ts';
import { Thread } from './thread.ts';
import type { LayerLimits, LayerSource, UnpackOptions, Unpacker, UnpackResult } from './unpacker.ts';

/**
 * An unpacker with at most `threads` layers at work (one a processor, 4 at most), made when they are needed and
 * kept. Disposing aborts what is at work.
 *
 * @param options.limits what is not given has defaults: 1 TiB, 2000 times the compressed size, 5 million entries
 */
export function openUnpacker({
  threads = Math.min(4, os.availableParallelism()),
  limits = {},
}: { threads?: number; limits?: Partial<LayerLimits> } = {}): Unpacker {
  return new Pool(threads, { ...defaultLimits, ...limits });
}

class Pool implements Unpacker {
  readonly #limits: LayerLimits;
  readonly #closing = new AbortController();
  readonly #working = new Set<Promise<unknown>>();
  readonly #idle: Thread[] = [];
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(threads: number, limits: LayerLimits) {
    this.#free = threads;
    this.#limits = limits;
  }

  async unpack(source: LayerSource, options: UnpackOptions = {}): Promise<UnpackResult> {
    const work = this.#unpack(source, options);
    this.#working.add(work);
    try {
      return await work;
    } finally {
      this.#working.delete(work);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#working);
    await Promise.all(this.#idle.splice(0).map((thread) => thread.terminate()));
  }

  async #unpack(
    { path, progress }: LayerSource,
    { target, mode = 'alone', signal, onProgress }: UnpackOptions,
  ): Promise<UnpackResult> {
    const stop =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    stop.throwIfAborted();
    // Now: the file may be renamed before its turn comes.
    await using file = await open(path).catch((error: unknown) => {
      throw fromErrno(error, `open the layer ${path}`, { path });
    });
    await this.#takeTurn(stop);
    const thread = this.#idle.pop() ?? new Thread();
    try {
      const job = { fd: file.fd, progress, target, mode, limits: this.#limits };
      return await thread.run(job, { signal: stop, onProgress });
    } finally {
      if (thread.alive) this.#idle.push(thread);
      this.#endTurn();
    }
  }

  /** Waits, in order, while all threads are at work. */
  async #takeTurn(signal: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const begin = (): void => {
      resolve(undefined);
    };
    this.#waiting.add(begin);
    signal.addEventListener('abort', begin);
    await promise;
    signal.removeEventListener('abort', begin);
    // Still among the waiting: it was the abort that ended this, and there is no turn to give back.
    if (this.#waiting.delete(begin)) signal.throwIfAborted();
  }

  #endTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
