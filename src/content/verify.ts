import { GantryError } from '#errors';
import type { Digest } from '#oci';

/** The error of a blob that is not here. */
export function blobNotFound(digest: Digest): GantryError {
  return new GantryError(
    'not-found',
    'blob-not-found',
    `blob ${digest} is not in the store; fetch it again`,
    {
      subject: { digest },
    },
  );
}

/**
 * The bytes from `start` to `end` of a blob of `size` bytes, both given.
 *
 * @throws invalid-argument `blob-range`
 */
export function checkRange(
  { digest, size }: { digest: Digest; size: number },
  { start = 0, end = size }: { start?: number; end?: number } = {},
): { start: number; end: number } {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (whole && start >= 0 && start <= end && end <= size) return { start, end };
  throw new GantryError(
    'invalid-argument',
    'blob-range',
    `bytes ${start} to ${end} of blob ${digest} were asked for, which has ${size}; ask for bytes that it has`,
    { subject: { digest, start, end, size } },
  );
}

/** @throws corrupt `blob-size` when `expected` is given and is not `size` */
export function checkSize(what: string, size: number, expected: number | undefined): void {
  if (expected === undefined || expected === size) return;
  throw new GantryError(
    'corrupt',
    'blob-size',
    `${what} has ${size} bytes instead of ${expected}; fetch it again, or ask whoever published it`,
    { subject: { size, expected } },
  );
}

/** @throws corrupt `blob-digest` when `expected` is not `actual` */
export function checkDigest(expected: Digest, actual: Digest): void {
  if (expected === actual) return;
  throw new GantryError(
    'corrupt',
    'blob-digest',
    `the bytes that came as ${expected} have the digest ${actual}; fetch them again, or ask whoever published them`,
    { subject: { digest: expected, actual } },
  );
}

/** @throws invalid-argument `upload-id` unless `id` is 1 to 128 letters, digits and `-`: it becomes a file name */
export function checkUploadId(id: string): void {
  if (/^[A-Za-z0-9-]{1,128}$/.test(id)) return;
  throw new GantryError(
    'invalid-argument',
    'upload-id',
    `${JSON.stringify(id.slice(0, 200))} is no upload id; use 1 to 128 letters, digits and hyphens`,
  );
}
