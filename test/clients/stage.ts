import { join } from 'node:path';
import { type GantryDaemon, openGantryDaemon } from '../support/gantry.ts';
import { openRegistry, type Registry, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage, type RandomImage } from '../support/random-image.ts';

/** What a client of the Engine API is tried on. */
export interface Stage extends AsyncDisposable {
  readonly daemon: GantryDaemon;
  /** The path of the daemon's socket. */
  readonly socket: string;
  readonly registry: Registry;
  /** In the registry as `one:1`; not in the daemon. */
  readonly image: RandomImage;
  /** `127.0.0.1:port/one`. */
  readonly repository: string;
  readonly directory: string;
}

/** Starts our daemon and a registry with one image. Needs root: layers are unpacked. */
export async function openStage(): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await temporaryDirectory('client'));
  const registry = stack.use(await openRegistry());
  const image = randomImage({ seed: 7, layers: 3, fileSize: 100_000 });
  await publish(registry.url, 'one', '1', image);
  const daemon = stack.use(await openGantryDaemon({ dir: join(directory, 'daemon') }));
  const owned = stack.move();
  return {
    daemon,
    socket: daemon.host.replace('unix://', ''),
    registry,
    image,
    repository: `${registry.host}/one`,
    directory,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
