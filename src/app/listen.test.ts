import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { isLive, listen, planListening } from './listen.ts';
import { resolveSettings, type Settings } from './settings.ts';

const directory = await mkdtemp(path.join(tmpdir(), 'gantry-listen-'));
after(() => rm(directory, { recursive: true }));
const surroundings = { uid: process.getuid?.() ?? -1, home: directory, cwd: directory, env: {} };
const { settings } = await resolveSettings({ flags: new Map(), configFile: '' }, surroundings);

function plan(changes: Partial<Settings>): ReturnType<typeof planListening> {
  return planListening({ ...settings, ...changes }, { env: {}, uid: 1000, pids: [] });
}

test('TCP that others can reach is refused, unless clients prove who they are or it is said in words', async () => {
  for (const host of ['tcp://0.0.0.0:2375', 'tcp://:2375', 'tcp://[::]:1', 'tcp://example.com']) {
    await assert.rejects(plan({ hosts: [host] }), { kind: 'forbidden', code: 'host-insecure' });
    // A server's certificate alone keeps nobody out.
    await assert.rejects(plan({ hosts: [host], tls: true }), { code: 'host-insecure' });
    assert.equal((await plan({ hosts: [host], tlsverify: true })).length, 1);
    assert.equal((await plan({ hosts: [host], allowUnprotectedTcp: true })).length, 1);
  }
});

test("a TCP address without a port gets docker's", async () => {
  const ports = async (changes: Partial<Settings>) =>
    (await plan({ hosts: ['tcp://127.0.0.1'], ...changes })).map((place) => 'port' in place && place.port);
  assert.deepEqual(await ports({}), [2375]);
  assert.deepEqual(await ports({ tls: true }), [2376]);
});

test('sockets of systemd are refused when it has passed none', async () => {
  await assert.rejects(plan({ hosts: ['fd://'] }), { code: 'host-no-fd' });
});

test('a socket is for its owner and group, replaces a dead one, and gives way to a living one', async () => {
  const socket = path.join(directory, 'deep', 'g.sock');
  const place = { type: 'unix', path: socket, group: process.getgid?.() } as const;
  const first = createServer();
  assert.equal(await listen(first, place), `unix://${socket}`);
  assert.equal((await stat(socket)).mode & 0o777, 0o660);
  assert.ok(await isLive(socket));
  const second = createServer();
  await assert.rejects(listen(second, place), { kind: 'conflict', code: 'host-in-use' });
  first.close();
  await once(first, 'close');
  await writeFile(socket, '');
  await listen(second, place);
  assert.ok(await isLive(socket));
  second.close();
});

test('a port that is taken is a conflict', async () => {
  const first = createServer();
  const address = await listen(first, { type: 'tcp', address: '127.0.0.1', port: 0, secure: false });
  const port = Number(address.split(':').at(-1));
  assert.ok(port > 0);
  const second = createServer();
  const place = { type: 'tcp', address: '127.0.0.1', port, secure: false } as const;
  await assert.rejects(listen(second, place), { kind: 'conflict', code: 'host-in-use' });
  first.close();
});

test('a place that cannot be made is an error of the system', async () => {
  const file = path.join(directory, 'file');
  await writeFile(file, '');
  await chmod(file, 0o600);
  await assert.rejects(
    listen(createServer(), { type: 'unix', path: path.join(file, 's'), group: undefined }),
    {
      code: /^errno-/,
    },
  );
});
