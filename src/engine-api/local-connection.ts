import type { Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

/**
 * A connection to `server` inside this process: no socket, no file, nobody else. When one end closes, so does the
 * other, as on a socket: a client that leaves ends what the server does for it.
 */
export function connectLocally(server: Server): Duplex {
  const [near, far] = duplexPair();
  near.once('close', () => far.destroy());
  far.once('close', () => near.destroy());
  server.emit('connection', far);
  return near;
}
