import { closeSync } from 'node:fs';
import { fromErrno } from '#errors';
import { libcFunction } from './libc.ts';

const socket = libcFunction('int socket(int domain, int type, int protocol)');
const sendto = libcFunction(
  'long sendto(int fd, const char *buffer, size_t length, int flags, const void *address, uint address_length)',
);

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/**
 * Sends one datagram to a Unix socket, which Node cannot: the protocol of sd_notify(3). A path that begins with `@`
 * is a name in the abstract namespace (unix(7)).
 *
 * @throws `errno-…` when nobody takes it
 */
export function sendDatagram(path: string, text: string): void {
  const name = Buffer.from(path);
  if (path.startsWith('@')) name[0] = 0;
  // struct sockaddr_un: the family in the machine's order, then the name; a path ends in a zero byte.
  const family = Buffer.from(Uint16Array.of(AF_UNIX).buffer);
  const address = Buffer.concat([family, name, path.startsWith('@') ? Buffer.alloc(0) : Buffer.alloc(1)]);
  const bytes = Buffer.from(text);
  try {
    const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    try {
      sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fromErrno(error, `send to the socket ${path}`, { path });
  }
}
