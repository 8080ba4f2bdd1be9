import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createMemoryContent } from '#content';
import { openMetadata } from '#metadata';
import { createRegistryServer } from '#registry-server';
import { openRepositories } from '#repositories';

type ServerOptions = Omit<Parameters<typeof createRegistryServer>[0], 'registry'>;

export interface OurRegistry extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly url: string;
  readonly registry: ReturnType<typeof openRepositories>;
  /** What went wrong inside. */
  readonly failures: readonly unknown[];
}

/** Our registry with all it has in memory, listening on the loopback. */
export async function openOurs(options: ServerOptions = {}): Promise<OurRegistry> {
  await using stack = new AsyncDisposableStack();
  const metadata = stack.use(await openMetadata({ path: ':memory:' }));
  const registry = stack.use(
    openRepositories({
      content: createMemoryContent(),
      metadata,
      clock: Date.now,
      uniqueId: () => crypto.randomUUID(),
    }),
  );
  const failures: unknown[] = [];
  const server = createRegistryServer({ registry, onFailure: (error) => failures.push(error), ...options });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const owned = stack.move();
  return {
    host,
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}`,
    registry,
    failures,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
