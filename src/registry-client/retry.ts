import { delayAfter } from '#registry';
import type { Network } from './network.ts';
import { isNobodyThere } from './unreachable.ts';

/** As many as Docker makes of a download. */
export const mostAttempts = 5;

/**
 * Does `work`, which may be done twice, again after failures that may pass, with growing waits. Where nobody listens
 * it fails at once: whoever mistyped a name should know soon.
 */
export async function persist<T>(
  { network, attempts }: { network: Network; attempts: number },
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const hopeless = failures === attempts || isNobodyThere(error);
      const delay = hopeless ? undefined : delayAfter(error, failures, network.random);
      if (delay === undefined) throw error;
      await network.wait(delay, signal);
    }
  }
}
