import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  openCertificateAuthority,
  openDockerd,
  openRegistry,
  requireTools,
  run,
  succeed,
  temporaryDirectory,
  type Registry,
} from './peers.ts';

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

const status = async (url: string, credentials?: string): Promise<number> => {
  const authorization = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
  const response = await fetch(url, credentials === undefined ? {} : { headers: { authorization } });
  await response.body?.cancel();
  return response.status;
};

test('a command tells its code, its output and its errors, and reads its input', async () => {
  const script = 'cat; echo "$GREETING" >&2; exit 3';
  const result = await run('sh', ['-c', script], { input: 'in', env: { GREETING: 'hello' } });
  assert.deepEqual(result, { code: 3, stdout: 'in', stderr: 'hello\n' });
  assert.equal((await run('sh', ['-c', 'kill -9 $$'])).code, 137);
});

test('a command that must succeed throws what it printed, and one that hangs is killed', async () => {
  assert.equal(await succeed('echo', ['a']), 'a\n');
  await assert.rejects(succeed('sh', ['-c', 'echo broken >&2; exit 2']), /ended with 2:\nbroken/);
  await assert.rejects(run('sh', ['-c', 'sleep 2 & sleep 2'], { timeout: 50 }), /took longer than 50 ms/);
  await assert.rejects(run('no-such-program', []), /cannot run no-such-program/);
});

test('a missing tool is an error that names its Debian package', async () => {
  await requireTools(['sh', 'openssl']);
  await assert.rejects(
    requireTools(['sh', 'no-such-program']),
    /no-such-program not found; install the Debian package/,
  );
});

test('a temporary directory is removed with its files and never through a mount', async () => {
  await using outside = await temporaryDirectory();
  await writeFile(join(outside.path, 'kept'), '');
  let path: string;
  {
    await using directory = await temporaryDirectory();
    path = directory.path;
    const point = join(path, 'a mount');
    await mkdir(point);
    await succeed('mount', ['--bind', outside.path, point]);
    assert.ok(existsSync(join(point, 'kept')));
  }
  assert.ok(!existsSync(path));
  assert.ok(existsSync(join(outside.path, 'kept')));
});

test('a registry answers, keeps a given storage, and is gone when disposed', async () => {
  await using directory = await temporaryDirectory();
  let registry: Registry;
  {
    await using opened = await openRegistry({ dir: directory.path });
    registry = opened;
    assert.equal(await status(`${registry.url}/v2/`), 200);
    assert.match(await readFile(registry.log, 'utf8'), /GET \/v2\//);
    assert.equal((await fetch(`${registry.url}/v2/a/blobs/uploads/`, { method: 'POST' })).status, 202);
  }
  assert.ok(!isAlive(registry.pid));
  assert.ok(!existsSync(registry.log));
  assert.ok(existsSync(join(directory.path, 'docker/registry/v2')));
  await assert.rejects(status(`${registry.url}/v2/`));
});

test('a registry with a password lets only its user in', async () => {
  await using registry = await openRegistry({ auth: { user: 'me', password: 'secret word' } });
  assert.equal(await status(`${registry.url}/v2/`), 401);
  assert.equal(await status(`${registry.url}/v2/`, 'me:wrong'), 401);
  assert.equal(await status(`${registry.url}/v2/`, 'me:secret word'), 200);
});

test('a read-only registry refuses writes', async () => {
  await using registry = await openRegistry({ readonly: true });
  assert.equal(await status(`${registry.url}/v2/`), 200);
  assert.equal((await fetch(`${registry.url}/v2/a/blobs/uploads/`, { method: 'POST' })).status, 405);
});

test('a registry with TLS is trusted through its authority, and can demand a client certificate', async () => {
  await using directory = await temporaryDirectory();
  const authority = await openCertificateAuthority(directory.path);
  const server = await authority.issue(['localhost', '127.0.0.1']);
  const client = await authority.issue(['a client']);
  await using registry = await openRegistry({ tls: { ...server, clientCa: authority.cert } });

  const ca = await readFile(authority.cert);
  const pair = { cert: await readFile(client.cert), key: await readFile(client.key) };
  assert.equal(await secureStatus(`${registry.url}/v2/`, { ca, ...pair }), 200);
  await assert.rejects(secureStatus(`${registry.url}/v2/`, { ca }));
  await assert.rejects(secureStatus(`${registry.url}/v2/`, pair), /certificate/);
});

function secureStatus(url: string, options: { ca?: Buffer; cert?: Buffer; key?: Buffer }): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { ...options, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).once('error', reject);
  });
}

test('a registry mirrors another', async () => {
  await using upstream = await openRegistry();
  await using mirror = await openRegistry({ proxyOf: upstream.url });
  assert.equal(await status(`${mirror.url}/v2/a/manifests/latest`), 404);
  assert.match(await readFile(upstream.log, 'utf8'), /\/v2\/a\/manifests\/latest/);
});

test('a registry that cannot start says why', async () => {
  await assert.rejects(
    openRegistry({ tls: { cert: '/none', key: '/none' } }),
    /ended before it was ready:\n.*none/s,
  );
});

test('a Docker daemon answers the docker command, and is gone when disposed', async () => {
  await using directory = await temporaryDirectory('dockerd');
  let pid: number;
  {
    await using dockerd = await openDockerd({ dir: directory.path });
    pid = dockerd.pid;
    const { code, stdout, stderr } = await dockerd.docker(['version', '--format', '{{.Server.Version}}']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\d+\.\d+/);
  }
  assert.ok(!isAlive(pid));
  assert.doesNotMatch(await readFile('/proc/self/mountinfo', 'utf8'), new RegExp(`${directory.path}/`));
});
