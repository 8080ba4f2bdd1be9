import { GantryError } from '#errors';

declare const brand: unique symbol;

/** A version of the Engine API, `1.50`: numbers between dots. Made by `parseApiVersion` only. */
export type ApiVersion = string & { readonly [brand]: true };

/** @throws invalid-argument `api-version` when `text` is no numbers between dots */
export function parseApiVersion(text: string): ApiVersion {
  // Four digits are far above any real number and keep comparisons exact.
  if (!/^\d{1,4}(?:\.\d{1,4}){0,3}$/.test(text)) {
    throw new GantryError('invalid-argument', 'api-version', `"${text}" is not a version of the Engine API`, {
      subject: { version: text },
    });
  }
  return text as ApiVersion;
}

/** Negative when `a` is older than `b`, 0 when they are the same, positive when newer. `1.9` is older than `1.10`. */
export function compareApiVersions(a: ApiVersion, b: ApiVersion): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version that Gantry speaks, as client and as server: that of moby 28.2. */
export const currentApiVersion = parseApiVersion('1.50');

/** The oldest version that Gantry serves, as moby 28.2 does. */
export const oldestApiVersion = parseApiVersion('1.24');
