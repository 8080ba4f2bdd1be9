/** Work that many want at once is done once: who comes while it is under way waits for the same outcome. */
export interface Flights<T> {
  /**
   * The outcome of the work under `key`, which is begun when it is not under way.
   *
   * @throws what the work throws; the signal's reason when this caller gives up, while the work goes on
   */
  join(key: string, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export function createFlights<T>(): Flights<T> {
  const flying = new Map<string, Promise<T>>();
  return {
    async join(key, work, signal) {
      signal?.throwIfAborted();
      let flight = flying.get(key);
      if (flight === undefined) {
        flight = work().finally(() => flying.delete(key));
        flying.set(key, flight);
      }
      return orAbort(flight, signal);
    },
    async settled() {
      await Promise.allSettled(flying.values());
    },
  };
}

/** The outcome of `work`, or the signal's reason when that comes first. */
export async function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  // Should everybody have gone, its failure concerns nobody.
  work.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => {
    aborted.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
