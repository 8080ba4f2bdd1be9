import type { Duplex } from 'node:stream';
import type { Invocation } from '#cli';
import { connectLocally } from '#engine-api';
import { dialDaemon, type EngineClient, openEngineClient } from '#engine-client';
import { findDaemon } from './find-daemon.ts';
import { openLocalServer } from './local-server.ts';
import type { Surroundings } from './places.ts';
import { openSshConnection } from './ssh-connection.ts';
import { sshWords } from './ssh-host.ts';

/** What a connection starts from. */
export interface Origin {
  readonly surroundings: Surroundings;
  /** Told what is wrong and no obstacle. */
  readonly warn: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Opens the daemon that the command line means (`findDaemon`). When it means none, the engine is opened in this
 * process and spoken to over a connection of its own: the same API, without a socket.
 *
 * @throws what `findDaemon`, `sshWords`, `openEngineClient` and `openLocalServer` throw
 */
export async function connect(
  globals: Invocation['globals'],
  { surroundings, warn, signal }: Origin,
): Promise<EngineClient> {
  const daemon = await findDaemon(globals, surroundings, warn);
  if (daemon === undefined) return openInProcess(globals, surroundings);
  const words = wordsOf(daemon.host);
  if (words === undefined) return openEngineClient({ ...daemon, signal });
  return openEngineClient({
    host: daemon.host,
    signal,
    connect: () => openSshConnection(words, surroundings.env),
  });
}

/** A connection to the Engine API, as bytes; its owner disposes it. */
export interface Dialled extends AsyncDisposable {
  readonly connection: Duplex;
}

/**
 * Connects to what `connect` would speak to, and says nothing.
 *
 * @throws as `connect`, and unavailable `daemon-dial`
 */
export async function dial(
  globals: Invocation['globals'],
  { surroundings, warn }: Omit<Origin, 'signal'>,
): Promise<Dialled> {
  const daemon = await findDaemon(globals, surroundings, warn);
  if (daemon === undefined) {
    const local = await openLocalServer(globals, surroundings);
    return dialled(connectLocally(local.server), () => local[Symbol.asyncDispose]());
  }
  const words = wordsOf(daemon.host);
  return dialled(
    words === undefined
      ? await dialDaemon(daemon.host, daemon.tls)
      : openSshConnection(words, surroundings.env),
  );
}

function dialled(connection: Duplex, close: () => PromiseLike<void> = () => Promise.resolve()): Dialled {
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      connection.destroy();
      await close();
    },
  };
}

/** How ssh is asked for the host; undefined when it is not one for ssh. */
function wordsOf(host: string): readonly string[] | undefined {
  return host.startsWith('ssh://') ? sshWords(host) : undefined;
}

async function openInProcess(
  globals: Invocation['globals'],
  surroundings: Surroundings,
): Promise<EngineClient> {
  await using stack = new AsyncDisposableStack();
  const local = stack.use(await openLocalServer(globals, surroundings));
  const client = stack.use(
    await openEngineClient({ host: local.dataRoot, connect: () => connectLocally(local.server) }),
  );
  const owned = stack.move();
  return {
    host: client.host,
    apiVersion: client.apiVersion,
    serverHeaders: client.serverHeaders,
    request: (request) => client.request(request),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
