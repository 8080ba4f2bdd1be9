import fs from 'node:fs';
import { fromErrno, GantryError, toError } from '#errors';

// Large enough that the trip to the thread pool (some 35 µs) is lost in the time that inflating a piece takes.
const pieceSize = 512 * 1024;

/** What the writer of a growing file announces: see `LayerSource.progress`. */
const bytesIndex = 0;
const stateIndex = 1;
const growing = 0n;
const broken = 2n;

/**
 * The bytes of an open file in pieces, each valid until the next is asked for. With `progress` the file is still
 * being written: what is announced is read, and at the end of it the reader waits for more.
 *
 * @param fd stays open and keeps its position
 * @throws corrupt `layer-source-broken` when the writer gave up; the signal's reason
 */
export async function* followFile(
  fd: number,
  { progress, signal }: { progress?: SharedArrayBuffer | undefined; signal: AbortSignal },
): AsyncGenerator<Uint8Array, void> {
  const view = progress === undefined ? undefined : new BigInt64Array(progress);
  const buffer = Buffer.allocUnsafeSlow(pieceSize);
  for (let position = 0; ;) {
    signal.throwIfAborted();
    const end = view === undefined ? Infinity : await announced(view, position, signal);
    if (end === position) return;
    const length = await read(fd, buffer.subarray(0, Math.min(pieceSize, end - position)), position);
    if (length === 0) {
      if (view === undefined) return;
      throw sourceBroken('is shorter than was announced');
    }
    position += length;
    yield buffer.subarray(0, length);
  }
}

/** Waits until more than `position` bytes are announced, or `position` is the end for good. */
async function announced(view: BigInt64Array, position: number, signal: AbortSignal): Promise<number> {
  using abort = abortOf(signal);
  for (;;) {
    signal.throwIfAborted();
    const state = Atomics.load(view, stateIndex);
    const bytes = Atomics.load(view, bytesIndex);
    if (state === broken) throw sourceBroken('broke off');
    // The writer started again: what was read is void.
    if (bytes < position) throw sourceBroken('began anew');
    if (bytes > position || state !== growing) return Number(bytes);
    const wait = Atomics.waitAsync(view, bytesIndex, bytes);
    // A change of the state alone does not change the word that is waited for: whoever comes too late to be
    // woken sees it here.
    if (wait.async && Atomics.load(view, stateIndex) === growing)
      await Promise.race([wait.value, abort.promise]);
  }
}

/** Resolves when `signal` aborts; to be disposed, since the signal may live long. */
function abortOf(signal: AbortSignal): Disposable & { readonly promise: Promise<unknown> } {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  signal.addEventListener('abort', resolve);
  return {
    promise,
    [Symbol.dispose]() {
      signal.removeEventListener('abort', resolve);
    },
  };
}

function read(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, buffer, 0, buffer.length, position, (error, length) => {
      if (error === null) resolve(length);
      else reject(toError(fromErrno(error, 'read the layer')));
    });
  });
}

function sourceBroken(what: string): GantryError {
  return new GantryError(
    'corrupt',
    'layer-source-broken',
    `the layer ${what} while it was read: fetch it again`,
  );
}
