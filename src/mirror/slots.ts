/** Lets so many work at once; the others wait in the order they came. */
export interface Slots {
  /** Disposing the answer lets the next one work. @throws the signal's reason when aborted while waiting */
  enter(signal: AbortSignal): Promise<Disposable>;
}

export function createSlots(most: number): Slots {
  let free = most;
  const queue: (() => void)[] = [];
  const leave: Disposable = {
    [Symbol.dispose]() {
      const next = queue.shift();
      if (next === undefined) free++;
      else next();
    },
  };
  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return leave;
      }
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const admit = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(leave);
      };
      const giveUp = (): void => {
        queue.splice(queue.indexOf(admit), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      queue.push(admit);
      return promise;
    },
  };
}
