/** The daemon under a service manager: sockets passed, readiness told, signals, pid file (needs docker, python3). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker } from '../support/gantry.ts';
import { requireTools, run, temporaryDirectory } from '../support/peers.ts';
import { isServing, startGantry } from './running.ts';

const stack = new AsyncDisposableStack();
const bin = new URL('../../bin/gantry.mjs', import.meta.url).pathname;
let directory: string;

before(async () => {
  await requireTools(['docker', 'python3']);
  directory = stack.use(await temporaryDirectory('daemon')).path;
});
after(() => stack.disposeAsync());

/**
 * Opens a Unix and a TCP socket and becomes the daemon with both, as systemd does: the number of the process is in
 * LISTEN_PID, which only the process itself can know beforehand.
 */
const activator = `
import os, socket, sys
unix = socket.socket(socket.AF_UNIX); unix.bind(sys.argv[1]); unix.listen()
tcp = socket.socket(socket.AF_INET); tcp.bind(('127.0.0.1', 0)); tcp.listen()
print(tcp.getsockname()[1], flush=True)
a, b = os.dup(unix.fileno()), os.dup(tcp.fileno())
os.dup2(a, 13); os.dup2(b, 14); os.dup2(13, 3); os.dup2(14, 4)
for fd in (3, 4): os.set_inheritable(fd, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='2', LISTEN_FDNAMES='api:net')
os.execvp(sys.argv[2], sys.argv[2:])
`;

test('sockets that systemd opened are served, each once (fd://), and stay when the daemon ends', async () => {
  const socket = join(directory, 'passed.sock');
  const args = [bin, 'daemon', '--data-root', join(directory, 'passed'), '--host', 'fd://'];
  const child = spawn('python3', ['-c', activator, socket, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(first.toString());
    // Whoever connects early is served when the daemon is there: that is what the passing is for.
    const overUnix = await docker(['version'], { host: `unix://${socket}` });
    assert.equal(overUnix.code, 0, overUnix.stderr);
    const overTcp = await docker(['version'], { host: `tcp://127.0.0.1:${port}` });
    assert.equal(overTcp.code, 0, overTcp.stderr);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
  assert.equal(child.exitCode, 0);
});

test('sockets meant for another process are not taken', async () => {
  await using server = createServer().listen(join(directory, 'other.sock'));
  await once(server, 'listening');
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  await using daemon = startGantry(['--data-root', join(directory, 'other'), '--host', 'fd://'], {
    passed: [fd],
    env: { LISTEN_PID: '1', LISTEN_FDS: '1' },
  });
  assert.equal((await daemon.ended).code, 1);
  assert.match(daemon.printed(), /systemd has passed no such socket/);
});

/** Prints the datagrams that come, for Node has no sockets for them. */
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True: print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

test('the service manager is told of readiness, reloads and the end (NOTIFY_SOCKET)', async () => {
  const socket = join(directory, 'notify.sock');
  const child = spawn('python3', ['-c', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  stack.defer(() => void child.kill());
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const until = async (words: RegExp) => {
    for (let n = 0; !words.test(told); n++) {
      assert.ok(n < 500, told);
      await sleep(20);
    }
  };
  await until(/bound/);
  const host = `unix://${join(directory, 'notify-api.sock')}`;
  await using daemon = startGantry(['--data-root', join(directory, 'notify'), '--host', host], {
    env: { NOTIFY_SOCKET: socket },
  });
  await until(/READY=1/);
  assert.match(told, new RegExp(`READY=1 MAINPID=${daemon.pid}\n`));
  // Who was told so can connect at once.
  assert.equal((await docker(['version'], { host })).code, 0);
  daemon.child.kill('SIGHUP');
  await until(/RELOADING=1 MONOTONIC_USEC=\d+ MAINPID=\d+\nREADY=1/);
  daemon.child.kill('SIGTERM');
  await until(/STOPPING=1/);
  assert.equal((await daemon.ended).code, 0);
});

test('a service manager that cannot be told stops nothing', async () => {
  const host = `unix://${join(directory, 'deaf.sock')}`;
  await using daemon = startGantry(['--data-root', join(directory, 'deaf'), '--host', host], {
    env: { NOTIFY_SOCKET: join(directory, 'nobody.sock') },
  });
  const { msg } = await daemon.line(({ level }) => level === 'warn');
  assert.match(msg, /^the service manager cannot be told that the daemon is ready: /);
  assert.equal((await docker(['version'], { host })).code, 0);
});

test('SIGHUP changes what can change, tells what cannot, and a broken file changes nothing', async () => {
  const file = join(directory, 'reload.json');
  const hosts = ['one', 'two'].map((name) => `unix://${join(directory, `${name}.sock`)}`);
  const settings = { 'data-root': join(directory, 'reload'), hosts, labels: ['zone=a'] };
  const write = (document: object) => writeFile(file, JSON.stringify(document));
  await write(settings);
  await using daemon = startGantry(['--config-file', file]);
  await daemon.line(isServing);
  const info = async (host = hosts[0]!) =>
    JSON.parse((await docker(['info', '--format', '{{json .}}'], { host })).stdout) as {
      Debug: boolean;
      Labels: string[];
      RegistryConfig: { Mirrors: string[] | null };
      DockerRootDir: string;
    };
  assert.deepEqual((await info(hosts[1])).Labels, ['zone=a']);

  const mirrors = ['http://127.0.0.1:1/'];
  await write({
    ...settings,
    labels: ['zone=b'],
    debug: true,
    'registry-mirrors': mirrors,
    'data-root': '/x',
  });
  daemon.child.kill('SIGHUP');
  const { changed } = await daemon.line(({ msg }) => msg === 'configuration read again');
  assert.deepEqual(changed, ['debug', 'labels', 'registry-mirrors']);
  const warning = await daemon.line(({ level }) => level === 'warn');
  assert.equal(warning.msg, 'these settings change with the next start: data-root');
  const { Debug, Labels, RegistryConfig, DockerRootDir } = await info();
  assert.deepEqual([Debug, Labels, RegistryConfig.Mirrors], [true, ['zone=b'], mirrors]);
  assert.equal(DockerRootDir, settings['data-root']);
  await daemon.line(({ level }) => level === 'debug');

  await writeFile(file, '{"labels": 1}');
  daemon.child.kill('SIGHUP');
  const error = await daemon.line(({ level }) => level === 'error');
  assert.equal(
    error.msg,
    `the configuration stays as it was: ${file}:1: "labels" must be a list of labels like "zone=a"`,
  );
  assert.deepEqual((await info()).Labels, ['zone=b']);
});

test('the pid file names the daemon while it runs, and a second daemon leaves it alone', async () => {
  const pidfile = join(directory, 'gantry.pid');
  const start = (name: string) =>
    startGantry([
      ...['--pidfile', pidfile, '--data-root', join(directory, 'pid')],
      ...['--host', `unix://${join(directory, `${name}.sock`)}`],
    ]);
  await using daemon = start('pid');
  await daemon.line(isServing);
  assert.equal(await readFile(pidfile, 'utf8'), `${daemon.pid}\n`);
  await using second = start('pid2');
  assert.equal((await second.ended).code, 1);
  assert.match(second.printed(), new RegExp(`says that process ${daemon.pid} is the daemon`));
  daemon.child.kill('SIGTERM');
  assert.equal((await daemon.ended).code, 0);
  await assert.rejects(readFile(pidfile), { code: 'ENOENT' });
});

test('--validate checks a file and starts nothing', async () => {
  const file = join(directory, 'validate.json');
  const validate = () => run(process.execPath, [bin, 'daemon', '--config-file', file, '--validate']);
  await writeFile(file, '{\n  "hosts": ["fd://"],\n  "log-driver": "journald"\n}');
  assert.deepEqual(await validate(), {
    code: 0,
    stdout: 'configuration OK\n',
    stderr: `${file}: settings of Docker that mean nothing to Gantry: log-driver\n`,
  });
  await writeFile(file, '{\n  "hosts": [],\n  "insecure-registry": []\n}');
  const wrong = await validate();
  assert.equal(wrong.code, 1);
  assert.equal(
    wrong.stderr,
    `${file}:3: there is no setting "insecure-registry"; the nearest is "insecure-registries"\n`,
  );
  await writeFile(file, '{"hosts": ["tcp://0.0.0.0:2375"]}');
  assert.match((await validate()).stderr, /^cannot listen at tcp:\/\/0\.0\.0\.0:2375: whoever reaches it/);
});
