/** Locks by name within one process, with the rules of `openLock`. */
export interface MemoryLocks {
  /** @throws the signal's reason when aborted while waiting */
  lock(name: string, options?: { signal?: AbortSignal; onWait?: () => void }): Promise<Disposable>;
  isHeld(name: string): boolean;
}

/** Locks of which none is held. */
export function createMemoryLocks(): MemoryLocks {
  const held = new Map<string, Promise<void>>();
  return {
    isHeld: (name) => held.has(name),
    async lock(name, { signal, onWait } = {}) {
      for (let waited = false; ; waited = true) {
        const holder = held.get(name);
        if (holder === undefined) break;
        if (!waited) onWait?.();
        await orAbort(holder, signal);
      }
      const { promise, resolve } = Promise.withResolvers<undefined>();
      held.set(name, promise);
      return {
        [Symbol.dispose]() {
          if (held.get(name) === promise) held.delete(name);
          resolve(undefined);
        },
      };
    },
  };
}

async function orAbort(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const aborted = Promise.withResolvers<undefined>();
  const stop = (): void => {
    aborted.reject(signal?.reason);
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
