import { findError, isAbort } from '#errors';
import type { RegistryReader } from '#registry';

/** How long a mirror that failed is left out: asking a dead one costs its timeout each time. Milliseconds. */
const rest = 30_000;

/**
 * Reads the first of `mirrors` that has it, else the origin. Any failure of a mirror falls to the next, as in Docker:
 * a mirror can make nothing worse.
 */
export function readMirrored(
  mirrors: readonly RegistryReader[],
  origin: RegistryReader,
  clock: () => number,
): RegistryReader {
  const restsUntil = new Map<RegistryReader, number>();

  async function first<T>(read: (reader: RegistryReader) => Promise<T | undefined>): Promise<T | undefined> {
    for (const mirror of mirrors) {
      if ((restsUntil.get(mirror) ?? 0) > clock()) continue;
      try {
        const found = await read(mirror);
        if (found !== undefined) return found;
      } catch (error) {
        if (isAbort(error)) throw error;
        if (findError(error, { kind: 'unavailable' })) restsUntil.set(mirror, clock() + rest);
      }
    }
    return undefined;
  }

  return {
    getManifest: async (repository, reference, options) =>
      (await first((mirror) => mirror.getManifest(repository, reference, options))) ??
      origin.getManifest(repository, reference, options),
    headManifest: async (repository, reference, options) =>
      (await first((mirror) => mirror.headManifest(repository, reference, options))) ??
      origin.headManifest(repository, reference, options),
    getBlob: async (repository, digest, options) =>
      (await first((mirror) => mirror.getBlob(repository, digest, options))) ??
      origin.getBlob(repository, digest, options),
    headBlob: async (repository, digest, options) =>
      (await first((mirror) => mirror.headBlob(repository, digest, options))) ??
      origin.headBlob(repository, digest, options),
  };
}
