import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { gantry, openGantryDaemon } from '../support/gantry.ts';
import { run } from '../support/peers/run.ts';

const noDocker = spawnSync('docker', ['--version']).error !== undefined;

interface Home {
  readonly home: string;
  /** What commands must not get from whoever runs the tests, and their own home. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function openHome(context: TestContext): Promise<Home> {
  const home = await mkdtemp(path.join(tmpdir(), 'gantry-h-'));
  context.after(() => rm(home, { recursive: true }));
  const unset = { DOCKER_CONTEXT: undefined, DOCKER_CONFIG: undefined, XDG_RUNTIME_DIR: home };
  const env = { HOME: home, DOCKER_HOST: undefined, GANTRY_DATA_ROOT: undefined, ...unset };
  return { home, env: { ...env, XDG_DATA_HOME: path.join(home, 'data') } };
}

const idOf = (name: string) => createHash('sha256').update(name).digest('hex');

async function writeContext({ home }: Home, name: string, meta: unknown): Promise<void> {
  const folder = path.join(home, '.docker/contexts/meta', idOf(name));
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'meta.json'), typeof meta === 'string' ? meta : JSON.stringify(meta));
}

const at = (Host: string) => ({ Endpoints: { docker: { Host, SkipTLSVerify: false } } });
const dead = (port: number) => `tcp://127.0.0.1:${port}`;

/** What the standard error output says, for each way to name a daemon. */
const cases: readonly { words: string[]; env?: Record<string, string>; current?: string }[] = [
  { words: ['-c', 'one'] },
  { words: ['-c', 'one'], env: { DOCKER_HOST: dead(3), DOCKER_CONTEXT: 'two' } },
  { words: [], env: { DOCKER_CONTEXT: 'two' }, current: 'one' },
  { words: [], env: { DOCKER_HOST: dead(3), DOCKER_CONTEXT: 'two' }, current: 'one' },
  { words: ['-H', dead(4)], env: { DOCKER_CONTEXT: 'nope' }, current: 'one' },
  { words: [], current: 'one' },
  { words: ['-c', 'default'], env: { DOCKER_HOST: dead(3) }, current: 'one' },
  { words: ['-c', 'nope'] },
  { words: [], current: 'gone' },
  { words: ['-c', '../x'] },
  { words: ['-c', 'one', '-H', dead(4)] },
  { words: ['-H', dead(4), '-H', dead(5)] },
  { words: ['-c', 'empty'] },
  { words: ['-H', 'ssh://me:pw@h'] },
];

test(
  'docker finds the same daemon by flag, variable and configuration',
  { skip: noDocker },
  async (context) => {
    const place = await openHome(context);
    await writeContext(place, 'one', at(dead(1)));
    await writeContext(place, 'two', at(dead(2)));
    await writeContext(place, 'empty', { Endpoints: {} });
    for (const { words, env, current } of cases) {
      await writeFile(
        path.join(place.home, '.docker/config.json'),
        JSON.stringify({ currentContext: current }),
      );
      const options = { env: { ...place.env, ...env } };
      const [theirs, ours] = await Promise.all([
        run('docker', [...words, 'images'], options),
        gantry([...words, 'images'], options),
      ]);
      assert.deepEqual(ours, theirs, JSON.stringify({ words, env, current }));
      assert.equal(ours.code, 1);
    }
  },
);

test('a configuration that is not JSON is told and no obstacle; what is in a context is checked', async (context) => {
  const place = await openHome(context);
  const file = path.join(place.home, '.docker/config.json');
  await writeContext(place, 'bad', '{x');
  await writeFile(file, '{bad');
  const { code, stderr } = await gantry(['images', '-q'], { env: place.env });
  assert.deepEqual(
    [code, stderr],
    [0, `WARNING: Error parsing config file (${file}): it is no JSON object\n`],
  );
  const bad = await gantry(['-c', 'bad', 'images'], { env: place.env });
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /^Failed to initialize: .*context "bad": parsing .*meta.json: it is not JSON\n$/);
});

const bin = new URL('../../bin/gantry.mjs', import.meta.url).pathname;

/** A folder for the PATH: an `ssh` that runs what it is asked for on this machine, where `docker` is gantry. */
async function writeFakeSsh({ home }: Home): Promise<string> {
  const folder = path.join(home, 'bin');
  await mkdir(folder);
  const scripts = {
    ssh: `#!/bin/sh\necho "$@" >> ${home}/asked\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec sh -c "$*"\n`,
    docker: `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(path.join(folder, name), text);
    await chmod(path.join(folder, name), 0o755);
  }
  return `${folder}:${process.env['PATH'] ?? ''}`;
}

test('an ssh host is reached through ssh, to a daemon or to a store without one', async (context) => {
  const place = await openHome(context);
  const env = { ...place.env, PATH: await writeFakeSsh(place) };
  await using daemon = await openGantryDaemon({ dir: path.join(place.home, 'd') });
  const socket = daemon.host.slice('unix://'.length);
  const direct = await gantry(['info', '--format', '{{.DockerRootDir}}'], {
    env: { ...env, DOCKER_HOST: daemon.host },
  });
  const far = await gantry(['-H', `ssh://me@far:23${socket}`, 'info', '--format', '{{.DockerRootDir}}'], {
    env,
  });
  assert.deepEqual(far, { code: 0, stdout: direct.stdout, stderr: '' });
  assert.equal(far.stdout, `${daemon.dataRoot}\n`);
  await writeContext(place, 'far', at('ssh://far'));
  const store = await gantry(['-c', 'far', 'info', '--format', '{{.DockerRootDir}}'], { env });
  assert.deepEqual([store.code, store.stderr], [0, '']);
  assert.notEqual(store.stdout, far.stdout);
});

test('docker reaches a gantry daemon through ssh', { skip: noDocker }, async (context) => {
  const place = await openHome(context);
  const docker = spawnSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).stdout.trim();
  const env = { ...place.env, PATH: await writeFakeSsh(place) };
  await using daemon = await openGantryDaemon({ dir: path.join(place.home, 'd') });
  const host = `ssh://far${daemon.host.slice('unix://'.length)}`;
  const { code, stdout, stderr } = await run(docker, ['-H', host, 'info', '--format', '{{.DockerRootDir}}'], {
    env,
  });
  assert.deepEqual([code, stdout, stderr], [0, `${daemon.dataRoot}\n`, '']);
});

test('an ssh that fails or is missing is told with what it said', async (context) => {
  const place = await openHome(context);
  const folder = path.join(place.home, 'bin');
  await mkdir(folder);
  const ask = () => gantry(['-H', 'ssh://far', 'images'], { env: { ...place.env, PATH: folder } });
  const missing = await ask();
  assert.equal(missing.code, 1);
  assert.match(
    missing.stderr,
    /^error during connect: .*: exec: "ssh": executable file not found in \$PATH\n$/,
  );
  await writeFile(path.join(folder, 'ssh'), '#!/bin/sh\necho no route >&2\nexit 255\n', { mode: 0o755 });
  const failed = await ask();
  assert.equal(failed.code, 1);
  assert.match(
    failed.stderr,
    /^error during connect: .*: command \[ssh -o ConnectTimeout=30 -T -- far docker system dial-stdio\] has exited with exit status 255, make sure .*: stderr=no route\n/,
  );
});

test('dial-stdio says what it could not reach, and is not in the help', async (context) => {
  const { env } = await openHome(context);
  const { code, stderr } = await gantry(['-H', 'unix:///nowhere.sock', 'system', 'dial-stdio'], { env });
  assert.equal(code, 1);
  assert.match(stderr, /^failed to open the raw stream connection: dial unix:\/\/\/nowhere.sock: /);
  assert.doesNotMatch((await gantry(['system', '--help'], { env })).stdout, /dial-stdio/);
});
