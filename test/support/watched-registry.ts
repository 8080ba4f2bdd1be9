import type { Engine } from '#engine';
import type { Registry } from '#registry';
import type { TestEngine } from './test-engine.ts';

/** The host of the registry that `watched` watches. */
export const watchedHost = 'r.example';

/** The engine with a registry whose blobs go through `change`, and the digests that were asked for. */
export function watched(
  made: TestEngine,
  change: Partial<Registry> = {},
): { engine: Engine; asked: string[] } {
  const asked: string[] = [];
  const inner = made.registry(watchedHost);
  const outer: Registry = {
    ...inner,
    getBlob: (repository, digest, options) => {
      asked.push(digest);
      return (change.getBlob ?? inner.getBlob)(repository, digest, options);
    },
  };
  return { engine: { ...made.engine, registries: { ...made.engine.registries, open: () => outer } }, asked };
}

/** A registry that sends something else for one blob. */
export function spoiled(registry: Registry, digest: string, bytes: Uint8Array): Partial<Registry> {
  return {
    getBlob: async (repository, wanted, options) => {
      if (wanted !== digest) return registry.getBlob(repository, wanted, options);
      return {
        offset: 0,
        size: undefined,
        body: (async function* () {
          yield bytes;
        })(),
      };
    },
  };
}
