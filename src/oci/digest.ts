import { createHash } from 'node:crypto';
import { GantryError } from '#errors';
import { quote } from './json.ts';

/** Hex digits of each algorithm that the image specification registers and that Gantry accepts. */
const hexLengths = { sha256: 64, sha512: 128 } as const;

export type DigestAlgorithm = keyof typeof hexLengths;

declare const digestBrand: unique symbol;

/** `algorithm:hex`, lowercase and of the exact length: the name of some bytes. Made by this file only. */
export type Digest = string & { readonly [digestBrand]: true };

/**
 * What is wrong with `text` as a digest, in the words that Docker's clients know, or undefined.
 * Source: image-spec descriptor.md, "Digests".
 */
export function digestFault(text: string): string | undefined {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1) return 'invalid checksum digest format';
  const algorithm = text.slice(0, colon);
  if (!Object.hasOwn(hexLengths, algorithm)) return 'unsupported digest algorithm';
  const hex = text.slice(colon + 1);
  if (hex.length !== hexLengths[algorithm as DigestAlgorithm]) return 'invalid checksum digest length';
  return /^[0-9a-f]+$/.test(hex) ? undefined : 'invalid checksum digest format';
}

/** Whether `text` is a sha256 or sha512 digest of the exact length, in lowercase. */
export function isDigest(text: string): text is Digest {
  return digestFault(text) === undefined;
}

/**
 * `text` as a digest.
 *
 * Errors: `digest-invalid` (invalid-argument) for another algorithm, another length, uppercase or no digest.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new GantryError(
    'invalid-argument',
    'digest-invalid',
    `${digestFault(text) ?? ''}: ${quote(text)} is not sha256: and 64, or sha512: and 128, lowercase hex digits`,
  );
}

/** The part before the colon. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.slice(0, digest.indexOf(':')) as DigestAlgorithm;
}

/** The part after the colon: 64 or 128 hex digits. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The first 12 hex digits, as `docker images` prints an ID. For people: it names nothing for sure. */
export function shortId(digest: Digest): string {
  return digestHex(digest).slice(0, 12);
}

/** A running digest: give it the bytes in order, then ask once. */
export interface Digester {
  /** Takes the next bytes; they may be reused after the call. */
  update(chunk: Uint8Array): void;
  /** The digest of all bytes taken. Ends the digester: a second call throws. */
  digest(): Digest;
}

/** A digester that has taken no bytes yet. */
export function createDigester(algorithm: DigestAlgorithm = 'sha256'): Digester {
  const hash = createHash(algorithm);
  return {
    update: (chunk) => void hash.update(chunk),
    digest: () => `${algorithm}:${hash.digest('hex')}` as Digest,
  };
}

/** The digest of `bytes`, which are all in memory. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  const digester = createDigester(algorithm);
  digester.update(bytes);
  return digester.digest();
}
