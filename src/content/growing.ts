import { growingStates, type GrowingFile } from './store.ts';

/** The writer's side of a growing file. */
export interface Growth {
  readonly file: GrowingFile;
  /** Announces that the bytes up to `offset` can be read. */
  reach(offset: number): void;
  end(state: 'whole' | 'broken'): void;
}

/** A growing file at `path` that has `offset` bytes already. */
export function createGrowth(path: string, offset: number): Growth {
  const progress = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);
  const shared = new BigInt64Array(progress);
  const set = (index: 0 | 1, value: bigint): void => {
    Atomics.store(shared, index, value);
    Atomics.notify(shared, 0);
  };
  set(0, BigInt(offset));
  return {
    file: { path, progress },
    reach: (reached) => {
      set(0, BigInt(reached));
    },
    end: (state) => {
      set(1, growingStates[state]);
    },
  };
}
