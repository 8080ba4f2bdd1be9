import type { Registries } from '#engine';
import type { Registry } from '#registry';

type OnBytes = (direction: 'received' | 'sent', bytes: number) => void;

/** The same registries; `onBytes` is told of each piece of a blob that comes from them or goes to them. */
export function countBytes(registries: Registries, onBytes: OnBytes): Registries {
  return {
    open: (domain, auth) => countRegistry(registries.open(domain, auth), onBytes),
    login: (domain, auth, signal) => registries.login(domain, auth, signal),
    search: (domain, query) => registries.search(domain, query),
  };
}

function countRegistry(registry: Registry, onBytes: OnBytes): Registry {
  return {
    ...registry,
    async getBlob(repository, digest, options) {
      const blob = await registry.getBlob(repository, digest, options);
      return { ...blob, body: count(blob.body, 'received', onBytes) };
    },
    putBlob: (repository, blob, options) =>
      registry.putBlob(
        repository,
        { ...blob, open: (offset) => count(blob.open(offset), 'sent', onBytes) },
        options,
      ),
  };
}

async function* count(
  body: AsyncIterable<Uint8Array>,
  direction: 'received' | 'sent',
  onBytes: OnBytes,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    onBytes(direction, chunk.length);
    yield chunk;
  }
}
