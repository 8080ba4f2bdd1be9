import type { Digest } from '#oci';

/** The unpacked layers of one image, as they get ready. */
export interface LayerStack {
  /** The layer at `position` is unpacked, under the snapshot key `key`. */
  put(position: number, key: Digest): void;

  /**
   * The keys of all layers below `position`, base first, once they are there.
   *
   * @throws the signal's reason when aborted while waiting
   */
  below(position: number): Promise<readonly Digest[]>;
}

/** A stack of `count` layers, none of them unpacked; `signal` ends all waiting. */
export function createLayerStack(count: number, signal: AbortSignal): LayerStack {
  const layers = Array.from({ length: count }, () => Promise.withResolvers<Digest>());
  return {
    put(position, key) {
      layers[position]?.resolve(key);
    },
    async below(position) {
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      const abort = () => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      try {
        return await Promise.race([
          aborted,
          Promise.all(layers.slice(0, position).map(({ promise }) => promise)),
        ]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
  };
}
