import { findError } from '#errors';

/** The wait before the first repetition; each further one doubles it, up to the longest. Milliseconds. */
const firstDelay = 1000;
const longestDelay = 30_000;

/** Failures of the line or of the registry that may pass. Full disks, wrong bytes and bad certificates do not. */
const passing = ['registry-unreachable', 'registry-failed', 'registry-rate-limited'];

/**
 * How many milliseconds to wait before what failed for the `failures`th time in a row (from 1) is done again;
 * undefined when it is hopeless or when the registry (Retry-After) asks for more patience than half a minute.
 *
 * @param random from 0 up to, not including, 1
 */
export function delayAfter(error: unknown, failures: number, random: () => number): number | undefined {
  const found = findError(error);
  if (found === undefined || !passing.includes(found.code)) return undefined;
  // Half fixed, half random: clients that failed together do not come back together.
  const delay = Math.min(firstDelay * 2 ** (failures - 1), longestDelay) * (0.5 + random() / 2);
  const { retryAfter } = found.subject;
  if (typeof retryAfter !== 'number') return delay;
  return retryAfter * 1000 > longestDelay ? undefined : Math.max(delay, retryAfter * 1000);
}
