/** A door that lets a number of workers in at once; the others wait in the order they came. */
export interface Gate {
  /**
   * Waits for a place; disposing it lets the next one in. `onWait` is called when there is none yet.
   *
   * @throws the signal's reason when aborted while waiting
   */
  enter(options?: { signal?: AbortSignal; onWait?: () => void }): Promise<Disposable>;
}

export function createGate(places: number): Gate {
  let free = places;
  const queue: (() => void)[] = [];
  const leave = () => {
    const next = queue.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    async enter({ signal, onWait } = {}) {
      signal?.throwIfAborted();
      if (free > 0) free--;
      else {
        onWait?.();
        await new Promise<void>((resolve, reject) => {
          const abort = () => {
            queue.splice(queue.indexOf(admit), 1);
            reject(signal?.reason as Error);
          };
          const admit = () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          };
          signal?.addEventListener('abort', abort, { once: true });
          queue.push(admit);
        });
      }
      return { [Symbol.dispose]: leave };
    },
  };
}
