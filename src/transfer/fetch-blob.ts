import { setTimeout } from 'node:timers/promises';
import type { ContentStore, GrowingFile, Ingest } from '#content';
import { findError, GantryError } from '#errors';
import type { Descriptor } from '#oci';
import { delayAfter, type RegistryReader } from '#registry';

export interface FetchBlobOptions {
  readonly reader: RegistryReader;
  /** The path at the registry. */
  readonly repository: string;
  readonly descriptor: Descriptor;
  readonly store: ContentStore;
  readonly signal?: AbortSignal | undefined;
  /** How many bytes the store has, whenever it has more; those of an earlier fetch count. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Called once, before the first byte is asked for, unless the blob is there: what can be read as it arrives. */
  readonly onIngest?: ((growing: GrowingFile | undefined) => void) | undefined;
  /** Called once when another writer is found to fetch the same blob. */
  readonly onWait?: (() => void) | undefined;
  /** Called before each wait for another attempt. */
  readonly onRetry?: ((milliseconds: number, error: unknown) => void) | undefined;
  /** Called when bytes that were put together from several answers turned out wrong, before all is fetched anew. */
  readonly onRestart?: (() => void) | undefined;
  /** How often it is tried without a byte having come. */
  readonly attempts?: number;
  /** Resolves after so many milliseconds, rejects when aborted; the machine's clock unless given. */
  readonly wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

async function waitFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(milliseconds, undefined, { ...(signal && { signal }) });
}

/**
 * Brings one blob from a registry into the store, which verifies it: size and digest are the descriptor's. What an
 * earlier fetch left is gone on with, and so is what comes before a line breaks; no byte is stored twice. A registry
 * that cannot send a part is read from its beginning, past what is there already. When a blob of several parts turns
 * out to have the wrong digest, it is fetched once more as a whole: an earlier part may be to blame.
 *
 * Aborted or failed, it leaves what came for the next fetch.
 *
 * @returns whether the blob was `exists` already or was `fetched`
 * @throws what the reader and the store throw; corrupt `blob-size` when the registry's blob has another size,
 *   `blob-digest` when it has other bytes; the last failure when all attempts are used up
 */
export async function fetchBlob(options: FetchBlobOptions): Promise<'exists' | 'fetched'> {
  const { descriptor, store, signal, onWait } = options;
  await using ingest = await store.ingest(descriptor.digest, {
    ...(signal && { signal }),
    ...(onWait && { onWait }),
  });
  if (ingest === undefined) return 'exists';
  // More than there can be: another descriptor lied about its size.
  if (ingest.offset > descriptor.size) await ingest.restart();
  options.onIngest?.(ingest.growing);
  if (ingest.offset > 0) options.onProgress?.(ingest.offset);
  let parts = ingest.offset > 0 ? 1 : 0;
  parts += await fill(ingest, options);
  signal?.throwIfAborted();
  try {
    await ingest.commit({ size: descriptor.size });
  } catch (error) {
    if (parts < 2 || findError(error, { code: 'blob-digest' }) === undefined) throw error;
    options.onRestart?.();
    await ingest.restart();
    await fill(ingest, options);
    signal?.throwIfAborted();
    await ingest.commit({ size: descriptor.size });
  }
  return 'fetched';
}

/** Receives until the ingest has all bytes. Answers how many answers brought some. */
async function fill(ingest: Ingest, options: FetchBlobOptions): Promise<number> {
  const { descriptor, signal, attempts = 5, wait = waitFor, random = Math.random } = options;
  let failures = 0;
  let parts = 0;
  while (ingest.offset < descriptor.size) {
    signal?.throwIfAborted();
    const before = ingest.offset;
    try {
      await receive(ingest, options);
      parts++;
    } catch (error) {
      if (ingest.offset > before) parts++;
      signal?.throwIfAborted();
      failures = ingest.offset > before ? 1 : failures + 1;
      const delay = failures < attempts ? delayAfter(error, failures, random) : undefined;
      if (delay === undefined) throw error;
      options.onRetry?.(delay, error);
      await wait(delay, signal);
    }
  }
  return parts;
}

/** One request: the bytes from the ingest's offset on. */
async function receive(ingest: Ingest, options: FetchBlobOptions): Promise<void> {
  const { reader, repository, descriptor, signal, onProgress } = options;
  const { digest, size } = descriptor;
  const answer = await reader.getBlob(repository, digest, {
    offset: ingest.offset,
    ...(signal && { signal }),
  });
  let position = answer.offset;
  if (answer.size !== undefined && answer.size !== size) throw wrongSize(options, answer.size);
  for await (const chunk of answer.body) {
    signal?.throwIfAborted();
    // The bytes that are there already are the same ones: they have one digest.
    const news = chunk.subarray(Math.min(Math.max(ingest.offset - position, 0), chunk.length));
    if (position > ingest.offset) throw brokenOff(options, ingest.offset);
    position += chunk.length;
    if (position > size) throw wrongSize(options, position);
    if (news.length === 0) continue;
    await ingest.write(news);
    onProgress?.(ingest.offset);
  }
  if (position < size) throw brokenOff(options, ingest.offset);
}

function wrongSize({ descriptor, repository }: FetchBlobOptions, actual: number): GantryError {
  const { digest, size } = descriptor;
  return new GantryError(
    'corrupt',
    'blob-size',
    `blob ${digest} of ${repository} should have ${size} bytes, but the registry sends ${actual} or more`,
    { subject: { digest, repository, size, actual } },
  );
}

function brokenOff({ descriptor, repository }: FetchBlobOptions, offset: number): GantryError {
  const { digest, size } = descriptor;
  return new GantryError(
    'unavailable',
    'registry-unreachable',
    `the registry did not send blob ${digest} of ${repository} from byte ${offset} to its end at ${size}`,
    { subject: { digest, repository, size, offset } },
  );
}
