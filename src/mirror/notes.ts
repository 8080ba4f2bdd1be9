import { findError } from '#errors';
import type { CacheState, Resolved } from './manifests.ts';

/** Tells the client something in the headers of its answer, names in lowercase. */
export type Tell = (headers: Readonly<Record<string, string>>) => void;

/** The most of a Warning that clients have to take (distribution-spec, "Warnings"). */
const maxWarning = 4096;

/** Whether the mirror had it. */
export function tellState(tell: Tell, state: CacheState): void {
  tell({ 'x-cache': state.toUpperCase() });
}

/** Where a manifest comes from: `X-Cache`, its `Age` in seconds, and a `Warning` when it may be out of date. */
export function tellResolved(tell: Tell, domain: string, { state, age, cause }: Resolved): void {
  tellState(tell, state);
  if (age === undefined) return;
  const seconds = Math.floor(age / 1000);
  tell({ age: String(seconds) });
  if (state !== 'stale') return;
  const why = findError(cause)?.message ?? 'it does not answer';
  const text = `${domain} could not be asked: this is what it had ${seconds} s ago (${why})`;
  // What is quoted may hold no quotes, and a header nothing but visible ASCII (RFC 9110 section 5.6.4).
  const plain = text.replaceAll(/[^\x20-\x7e]/g, ' ').replaceAll(/["\\]/g, "'");
  tell({ warning: `299 - "${plain.slice(0, maxWarning - 10)}"` });
}
