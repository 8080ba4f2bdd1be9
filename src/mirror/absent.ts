import { findError } from '#errors';
import { registryError, type RegistryCode } from '#registry';
import type { MirrorParts } from './parts.ts';
import type { MirroredName } from './upstream.ts';

/** What is not there may come: for so many milliseconds nobody asks again. */
const absence = 10_000;

const messages = {
  MANIFEST_UNKNOWN: 'manifest unknown',
  BLOB_UNKNOWN: 'blob unknown to registry',
} as const satisfies Partial<Record<RegistryCode, string>>;

type Missing = keyof typeof messages;

/** The error of what neither the mirror nor its upstream has. */
export function unknown(code: Missing, { name }: MirroredName, reference: string): Error {
  return registryError(code, messages[code], { subject: { repository: name, reference } });
}

/**
 * Asks an upstream for what the mirror does not have, unless the upstream said a moment ago that it has not either.
 *
 * @throws not-found as the upstream says it, or as it did
 */
export async function askOnce<T>(
  { absent, clock }: MirrorParts,
  { name, reference, code }: { name: MirroredName; reference: string; code: Missing },
  ask: () => Promise<T>,
): Promise<T> {
  const key = `${code} ${name.name} ${reference}`;
  if ((absent.get(key) ?? 0) > clock() && name.upstream.mode !== 'fresh')
    throw unknown(code, name, reference);
  try {
    return await ask();
  } catch (error) {
    if (findError(error, { kind: 'not-found' }) !== undefined) absent.set(key, clock() + absence);
    throw error;
  }
}

/** What is looked for, or undefined where the error says that it is not there. */
export async function absentIfUnknown<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (findError(error, { kind: 'not-found' }) !== undefined) return undefined;
    throw error;
  }
}
