import { GantryError } from '#errors';
import type { LayerLimits } from './unpacker.ts';

export const defaultLimits: LayerLimits = {
  /** 1 TiB: more than any disk that an image is meant for. */
  maxTarSize: 2 ** 40,
  /** gzip reaches 1032 at most, on zeros, and honest layers have files of zeros; zstd reaches 30,000. */
  maxRatio: 2000,
  /** The paths of all entries are kept in some cases: some 100 bytes each. The largest layers have a million. */
  maxEntries: 5_000_000,
};

/** What is small is harmless, however well it was compressed. */
const ratioFloor = 16 * 1024 * 1024;

/** Throws resource-exhausted `layer-limit` where the layer has grown beyond a limit. */
export function checkSize(limits: LayerLimits, tarSize: number, compressedSize: number): void {
  if (tarSize > limits.maxTarSize) throw beyond('maxTarSize', `${limits.maxTarSize} bytes`);
  if (tarSize > ratioFloor && tarSize > compressedSize * limits.maxRatio) {
    throw beyond('maxRatio', `${limits.maxRatio} times its compressed size`);
  }
}

export function checkEntries(limits: LayerLimits, entries: number): void {
  if (entries > limits.maxEntries) throw beyond('maxEntries', `${limits.maxEntries} entries`);
}

function beyond(limit: keyof LayerLimits, words: string): GantryError {
  return new GantryError(
    'resource-exhausted',
    'layer-limit',
    `the layer unpacks to more than ${words}: raise the limit if it is trusted`,
    { subject: { limit } },
  );
}
