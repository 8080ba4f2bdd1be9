import { findError, GantryError } from '#errors';
import { createDigester } from '#oci';
import { createTarReader, type TarHandler } from '#tar';
import { decompress } from './decompress.ts';
import { Extractor, type UnpackMode } from './extractor.ts';
import { followFile } from './follow.ts';
import { checkEntries, checkSize } from './limits.ts';
import type { LayerLimits, UnpackResult } from './unpacker.ts';

/** One layer to unpack, as it is sent to a worker thread. */
export interface UnpackJob {
  /** The open file of the layer. */
  readonly fd: number;
  readonly progress: SharedArrayBuffer | undefined;
  readonly target: string | undefined;
  readonly mode: UnpackMode;
  readonly limits: LayerLimits;
}

/** Does the work of `Unpacker.unpack` in this thread. Closes all that it opened. */
export async function unpackLayer(
  { fd, progress, target, mode, limits }: UnpackJob,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (bytes: number) => void },
): Promise<UnpackResult> {
  const stop = new AbortController();
  const meter = { bytes: 0 };
  const source = metered(followFile(fd, { progress, signal: AbortSignal.any([signal, stop.signal]) }), meter);
  using extractor = target === undefined ? undefined : new Extractor(target, mode);
  const counter = new Counter(limits, extractor);
  const reader = createTarReader(counter);
  const digester = createDigester();
  let tarSize = 0;
  try {
    for await (const chunk of decompress(source)) {
      signal.throwIfAborted();
      tarSize += chunk.length;
      checkSize(limits, tarSize, meter.bytes);
      digester.update(chunk);
      reader.write(chunk);
      onProgress(meter.bytes);
    }
    signal.throwIfAborted();
    reader.end();
    extractor?.finish();
  } catch (error) {
    throw asLayerError(error);
  } finally {
    // A reader that waits for more of a growing file is woken by this alone.
    stop.abort();
    await source.return();
  }
  onProgress(meter.bytes);
  return {
    diffId: digester.digest(),
    tarSize,
    size: counter.size,
    dependsOnLower: extractor?.dependsOnLower,
    statesRoot: extractor?.statesRoot ?? false,
  };
}

/** Counts what a layer has, whether it is written somewhere or not. */
class Counter implements TarHandler {
  /** Bytes of regular files, holes included. */
  size = 0;
  #entries = 0;
  readonly #limits: LayerLimits;
  readonly #next: TarHandler | undefined;

  constructor(limits: LayerLimits, next: TarHandler | undefined) {
    this.#limits = limits;
    this.#next = next;
  }

  entry(entry: Parameters<TarHandler['entry']>[0]): void {
    checkEntries(this.#limits, ++this.#entries);
    if (entry.type === 'file') this.size += entry.size;
    this.#next?.entry(entry);
  }

  data(chunk: Uint8Array): void {
    this.#next?.data(chunk);
  }

  hole(length: number): void {
    this.#next?.hole(length);
  }

  entryEnd(): void {
    this.#next?.entryEnd();
  }
}

async function* metered(
  source: ReturnType<typeof followFile>,
  meter: { bytes: number },
): ReturnType<typeof followFile> {
  try {
    for await (const piece of source) {
      meter.bytes += piece.length;
      yield piece;
    }
  } finally {
    await source.return();
  }
}

/** The tar reader knows nothing of layers: its errors are told as those of one. */
function asLayerError(error: unknown): unknown {
  const fault = findError(error);
  if (fault?.code.startsWith('tar-') !== true) return error;
  const code = fault.kind === 'resource-exhausted' ? 'layer-limit' : 'layer-tar';
  return new GantryError(fault.kind, code, `the layer is no sound tar: ${fault.message}`, { cause: fault });
}
