import { Worker } from 'node:worker_threads';
import { GantryError } from '#errors';
import { decodeError, type Reply, type Request } from './message.ts';
import type { UnpackJob } from './unpack-layer.ts';
import type { UnpackResult } from './unpacker.ts';

const entry = new URL('./worker.ts', import.meta.url);
// Compiled, this file and that one end in `.js`.
if (!import.meta.url.endsWith('.ts')) entry.pathname = entry.pathname.replace(/\.ts$/, '.js');

interface Running {
  readonly onProgress: ((bytes: number) => void) | undefined;
  readonly resolve: (result: UnpackResult) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread, which keeps the process alive only while it has a job. */
export class Thread {
  readonly #worker: Worker;
  #running: Running | undefined;
  #lastId = 0;
  #alive = true;

  constructor() {
    this.#worker = new Worker(entry, {
      // The thread closes what it opened; some of it not by `fs`, which Node would warn of.
      trackUnmanagedFds: false,
      // Flags of the process, such as --input-type, may say how its own entry is to be read.
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => {
      this.#take(reply);
    });
    this.#worker.on('error', (cause: unknown) => {
      this.#die(cause);
    });
    this.#worker.on('exit', () => {
      this.#die();
    });
  }

  /** Whether it can take another job. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Runs a job, one at a time. It is over, and its files are closed, when this settles. */
  async run(
    job: UnpackJob,
    { signal, onProgress }: { signal: AbortSignal; onProgress: ((bytes: number) => void) | undefined },
  ): Promise<UnpackResult> {
    signal.throwIfAborted();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<UnpackResult>();
    this.#running = { onProgress, resolve, reject };
    const abort = (): void => {
      this.#send({ type: 'abort', id });
    };
    signal.addEventListener('abort', abort);
    this.#worker.ref();
    this.#send({ type: 'unpack', id, job });
    try {
      return await promise;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#running = undefined;
      this.#worker.unref();
    }
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #take(reply: Reply): void {
    switch (reply.type) {
      case 'progress':
        this.#running?.onProgress?.(reply.bytes);
        return;
      case 'done':
        this.#running?.resolve(reply.result);
        return;
      case 'failed':
        this.#running?.reject(decodeError(reply.error));
        return;
    }
  }

  #die(cause?: unknown): void {
    this.#alive = false;
    this.#running?.reject(
      new GantryError('internal', 'layer-worker', 'the thread that unpacked the layer died: try again', {
        cause,
      }),
    );
  }
}
