import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#errors';
import { importTar, layerTars, openSession } from '../../../test/support/command-session.ts';

const away = () =>
  Promise.reject(
    new GantryError('unavailable', 'daemon-unreachable', 'Cannot connect to the Docker daemon at x.'),
  );

test('version prints both sides as docker does', async (context) => {
  const { run } = await openSession(context);
  const { code, stdout } = await run(['version']);
  assert.equal(code, 0);
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  assert.equal(
    stdout,
    `Client:
 Version:           1.0.0
 API version:       1.50
 Go version:        node${process.versions.node}
 OS/Arch:           linux/${arch}
 Context:           default

Server: Gantry
 Engine:
  Version:          1.2.3
  API version:      1.50 (minimum version 1.24)
  Go version:       node${process.versions.node}
  Git commit:       abc
  Built:            2026-11-21
  OS/Arch:          linux/amd64
  Experimental:     false
`,
  );
  const format = '{{.Server.Version}} {{.Server.APIVersion}} {{.Client.Version}}';
  assert.equal((await run(['version', '--format', format])).stdout, '1.2.3 1.50 1.0.0\n');
  const json = JSON.parse((await run(['version', '-f', 'json'])).stdout) as object;
  assert.partialDeepStrictEqual(json, { Client: { ApiVersion: '1.50' }, Server: { Version: '1.2.3' } });
});

test('version without a daemon prints the command’s own part and fails', async (context) => {
  const { run } = await openSession(context);
  const { code, stdout, stderr } = await run(['version'], { connect: away });
  assert.deepEqual([code, stderr], [1, 'Cannot connect to the Docker daemon at x.\n']);
  assert.match(stdout, /^Client:\n Version: {11}1\.0\.0\n[^]*Context: {11}default\n$/);
  const formatted = (format: string) => run(['version', '-f', format], { connect: away });
  assert.partialDeepStrictEqual(await formatted('{{.Client.Version}}'), { code: 1, stdout: '1.0.0\n' });
  assert.partialDeepStrictEqual(await formatted('{{.Server.Version}}'), { code: 1, stdout: '\n', stderr });
  assert.match((await formatted('json')).stdout, /"Server":null\}\n$/);
});

test('a template that cannot be read ends a command that prints one object with 64', async (context) => {
  const { run } = await openSession(context);
  for (const argv of [
    ['version', '-f'],
    ['info', '-f'],
    ['events', '--format'],
    ['inspect', 'x', '-f'],
  ]) {
    const { code, stdout, stderr } = await run([...argv, '{{if}}']);
    assert.deepEqual([code, stdout], [64, '']);
    assert.match(stderr, /^template parsing error: template: :1: /);
  }
  assert.equal((await run(['events', '--format', '{{.Foo}}'])).code, 64);
});

test('info prints both sides as docker does', async (context) => {
  const session = await openSession(context);
  await importTar(session);
  const { code, stdout, stderr } = await session.run(['info']);
  assert.deepEqual([code, stderr], [0, '']);
  const start = `Client:
 Version:    1.0.0
 Context:    default
 Debug Mode: false

Server:
 Containers: 0
  Running: 0
  Paused: 0
  Stopped: 0
 Images: 1
 Server Version: 1.2.3
 Storage Driver: overlayfs
  Layers unpacked: never
 Logging Driver: none
 Cgroup Driver: none
 Cgroup Version: 2
 Plugins:
  Volume: 
  Network: 
  Log: 
 Swarm: inactive
 Init Binary: 
 containerd version: 
 runc version: 
 init version: 
 Kernel Version: `;
  const end = `
 ID: the-id
 Docker Root Dir: /the/root
 Debug Mode: false
 Experimental: false
 Insecure Registries:
  ::1/128
  127.0.0.0/8
 Live Restore Enabled: false

`;
  assert.equal(stdout.slice(0, start.length), start);
  assert.equal(stdout.slice(-end.length), end);
  assert.match(
    (await session.run(['-D', 'info'])).stdout,
    / Debug Mode: true\n[^]*\n {2}EventsListeners: 0\n/,
  );
});

test('info takes templates, and those about the command need no daemon', async (context) => {
  const { run } = await openSession(context);
  const formatted = (format: string, more = {}) => run(['system', 'info', '--format', format], more);
  assert.equal((await formatted('{{.ID}} {{.Swarm.LocalNodeState}}')).stdout, 'the-id inactive\n');
  assert.equal((await formatted('{{.ClientInfo.Version}}', { connect: away })).stdout, '1.0.0\n');
  assert.partialDeepStrictEqual(JSON.parse((await formatted('json')).stdout), {
    ID: 'the-id',
    ClientInfo: { Debug: false, Version: '1.0.0', Plugins: [] },
  });
  assert.partialDeepStrictEqual(await formatted('{{.ID}}', { connect: away }), { code: 1, stdout: '\n' });
  const alone = await run(['info'], { connect: away });
  assert.deepEqual([alone.code, alone.stderr], [1, 'Cannot connect to the Docker daemon at x.\n']);
  assert.match(alone.stdout, /^Client:\n[^]*\n\nServer:\n$/);
});

test('events prints what happened between two times, filtered and formatted', async (context) => {
  const session = await openSession(context);
  const id = await importTar(session, layerTars[0], 'one:1');
  const events = async (...argv: string[]) =>
    (await session.run(['events', '--since', '1h', '--until', '0s', ...argv])).stdout;
  const tag = new RegExp(
    `^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z image tag ${id} \\(name=one:1\\)\\n$`,
  );
  assert.match(await events('--filter', 'event=tag'), tag);
  assert.equal(
    await events('--format', '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}'),
    `image tag one:1\nimage import ${id}\n`,
  );
  const [first = ''] = (await events('--format', 'json')).split('\n');
  assert.partialDeepStrictEqual(JSON.parse(first), { status: 'tag', Actor: { ID: id }, scope: 'local' });
  const format = '{{json .Actor}} {{.Time}}';
  assert.match(
    await events('-f', 'event=tag', '--format', format),
    new RegExp(`^{"ID":"${id}","Attributes":{"name":"one:1"}} \\d{10}\n$`),
  );
  const wrong = await session.run(['events', '--since', 'foo']);
  assert.deepEqual([wrong.code, wrong.stderr], [1, 'failed to parse value as time or duration: "foo"\n']);
  const backwards = await session.run(['events', '--since', '5', '--until', '2']);
  assert.equal(
    backwards.stderr,
    'Error response from daemon: `since` time (5) cannot be after `until` time (2)\n',
  );
});

test('events goes on until it is interrupted', { timeout: 10_000 }, async (context) => {
  const session = await openSession(context);
  const controller = new AbortController();
  const running = session.run(['events'], { signal: controller.signal });
  setTimeout(() => {
    controller.abort();
  }, 100);
  assert.equal((await running).code, 130);
});
