/** What one side puts in without waiting and the other takes out when it is there. For one taker. */
export interface Queue<Item> {
  /** What waits, oldest first; items may be replaced in place. */
  readonly waiting: Item[];
  readonly push: (item: Item) => void;
  /** Nothing more is to be waited for; what waits is still to be taken. */
  readonly end: () => void;
  readonly ended: () => boolean;
  /** Resolves when something was pushed, or the end came, since the last time that it resolved. */
  readonly changed: () => Promise<void>;
}

export function createQueue<Item>(): Queue<Item> {
  const waiting: Item[] = [];
  let ended = false;
  let change = Promise.withResolvers<undefined>();
  return {
    waiting,
    push: (item) => {
      waiting.push(item);
      change.resolve(undefined);
    },
    end: () => {
      ended = true;
      change.resolve(undefined);
    },
    ended: () => ended,
    changed: async () => {
      await change.promise;
      change = Promise.withResolvers();
    },
  };
}
