import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openDiskContent } from '#content';
import { openMetadata } from '#metadata';
import { parseMirrorSettings, type Mirror } from '#mirror';
import { createRegistryServer } from '#registry-server';
import { openRepositories } from '#repositories';
import { openMirror } from '../../src/app/mirror.ts';
import { temporaryDirectory } from '../support/peers.ts';

export interface OurMirror extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly url: string;
  readonly mirror: Mirror;
  readonly registry: ReturnType<typeof openRepositories>;
  readonly pass: (milliseconds: number) => void;
  /** What went wrong inside. */
  readonly failures: readonly unknown[];
}

/**
 * A mirror of `docker.io`, which is at `upstream`, and of more, over a store on disk and listening on the loopback.
 *
 * @param options.root the store's directory, one of its own unless given
 * @param options.more settings of `docker.io`
 */
export async function openOurMirror({
  upstream,
  root,
  more = {},
  others = [],
}: {
  upstream: string;
  root?: string;
  more?: object;
  others?: readonly object[];
}): Promise<OurMirror> {
  await using stack = new AsyncDisposableStack();
  const directory = root ?? stack.use(await temporaryDirectory('mirror')).path;
  const metadata = stack.use(await openMetadata({ path: join(directory, 'metadata.sqlite') }));
  const content = await openDiskContent({ directory, sync: false });
  let late = 0;
  const clock = (): number => Date.now() + late;
  const store = { content, metadata, clock, uniqueId: () => crypto.randomUUID() };
  const registry = stack.use(openRepositories(store));
  const settings = parseMirrorSettings({
    upstreams: [{ domain: 'docker.io', address: upstream, ...more }, ...others],
  });
  const mirror = stack.use(openMirror(settings, { ...store, local: registry, env: {} }));
  const failures: unknown[] = [];
  const server = createRegistryServer({
    registry: (asked) => mirror.at(asked),
    onFailure: (error) => failures.push(error),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const owned = stack.move();
  return {
    ...{ host, url: `http://${host}`, mirror, registry, failures },
    pass: (milliseconds) => void (late += milliseconds),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
