/**
 * Calls `work` for each item, `limit` at a time, in order. The first failure aborts the signal that the others were
 * given, no more are begun, and when all have ended it is thrown.
 *
 * @returns the answers, in the order of the items
 */
export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<R>,
  { limit, signal }: { limit: number; signal?: AbortSignal | undefined },
): Promise<R[]> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const answers: R[] = [];
  const queue = items.entries();

  // All workers draw from the one iterator.
  async function worker(): Promise<void> {
    for (const [index, item] of queue) {
      both.throwIfAborted();
      answers[index] = await work(item, both);
    }
  }

  let failure: { error: unknown } | undefined;
  const workers = Array.from({ length: Math.min(limit, items.length) }, () =>
    worker().catch((error: unknown) => {
      failure ??= { error };
      stop.abort(error);
    }),
  );
  await Promise.all(workers);
  if (failure !== undefined) throw failure.error;
  return answers;
}
