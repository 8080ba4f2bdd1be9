import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sendDatagram } from './index.ts';

/** Prints the first datagram that comes, for Node has no sockets for them. */
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', '\\0'))
print('bound', flush=True)
print(s.recv(4096).decode(), flush=True)
`;

test('a datagram arrives at a path and at an abstract name (needs python3)', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-notify-'));
  for (const path of [join(directory, 'socket'), `@gantry-notify-${process.pid}`]) {
    const child = spawn('python3', ['-c', receiver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await once(child.stdout, 'data');
    sendDatagram(path, 'READY=1\nSTATUS=là');
    await once(child, 'close');
    assert.equal(printed, 'bound\nREADY=1\nSTATUS=là\n');
  }
  await rm(directory, { recursive: true });
});

test('a socket that nobody reads is an error with its errno', () => {
  assert.throws(
    () => {
      sendDatagram('/nowhere/notify', 'READY=1');
    },
    { code: 'errno-enoent' },
  );
});
