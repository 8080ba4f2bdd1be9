/** TCP with certificates on both sides, as the docker command speaks it (needs docker and openssl). */
import assert from 'node:assert/strict';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { gantry } from '../support/gantry.ts';
import {
  type Certificate,
  type CertificateAuthority,
  openCertificateAuthority,
  requireTools,
  run,
  type RunResult,
  temporaryDirectory,
} from '../support/peers.ts';
import { isServing, type RunningDaemon, startGantry } from './running.ts';

const stack = new AsyncDisposableStack();
let directory: string;
let authority: CertificateAuthority;
let stranger: CertificateAuthority;
let server: Certificate;
let client: Certificate;

before(async () => {
  await requireTools(['docker', 'openssl']);
  directory = stack.use(await temporaryDirectory('daemon-tls')).path;
  const openAuthority = async (name: string) => {
    await mkdir(join(directory, name));
    return openCertificateAuthority(join(directory, name));
  };
  authority = await openAuthority('ca');
  stranger = await openAuthority('stranger');
  server = await authority.issue(['127.0.0.1']);
  client = await authority.issue(['client']);
});
after(() => stack.disposeAsync());

async function open(name: string, args: readonly string[]): Promise<{ daemon: RunningDaemon; host: string }> {
  const daemon = startGantry([
    ...['--data-root', join(directory, name), '--host', 'tcp://127.0.0.1:0'],
    ...['--tlscert', server.cert, '--tlskey', server.key, ...args],
  ]);
  const { hosts } = await daemon.line(isServing);
  return { daemon, host: (hosts as string[])[0]! };
}

function docker(host: string, { cert, key }: Certificate, words: readonly string[]): Promise<RunResult> {
  const tls = ['--tlsverify', '--tlscacert', authority.cert, '--tlscert', cert, '--tlskey', key];
  return run('docker', [...tls, '-H', host, ...words], { env: { DOCKER_HOST: undefined } });
}

test('docker and the daemon trust each other by their certificates', async () => {
  const { daemon, host } = await open('mutual', ['--tlsverify', '--tlscacert', authority.cert]);
  await using _ = daemon;
  const { code, stdout, stderr } = await docker(host, client, ['version', '--format', '{{.Server.Version}}']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('our own command finds its certificates as docker does', async () => {
  const { daemon, host } = await open('own', ['--tlsverify', '--tlscacert', authority.cert]);
  await using _ = daemon;
  const files = ['--tlscacert', authority.cert, '--tlscert', client.cert, '--tlskey', client.key];
  const byFlags = await gantry(['--host', host, '--tlsverify', ...files, 'images', '-q']);
  assert.deepEqual(byFlags, { code: 0, stdout: '', stderr: '' });
  const folder = join(directory, 'certificates');
  await mkdir(folder);
  for (const [name, file] of [
    ['ca', authority.cert],
    ['cert', client.cert],
    ['key', client.key],
  ] as const) {
    await cp(file, join(folder, `${name}.pem`));
  }
  const env = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
  assert.equal((await gantry(['images', '-q'], { env })).code, 0);
  assert.equal((await gantry(['images', '-q'], { env: { ...env, DOCKER_CERT_PATH: directory } })).code, 1);
});

test("a stranger's certificate, or none, is refused before anything is asked", async () => {
  const { daemon, host } = await open('stranger', ['--tlsverify', '--tlscacert', authority.cert]);
  await using _ = daemon;
  const refused = await docker(host, await stranger.issue(['client']), ['version']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /error during connect/);
  await daemon.line(({ level, msg }) => level === 'warn' && msg.startsWith('a client was refused: '));
  const none = ['--tls', '-H', host, 'version'];
  assert.equal((await run('docker', none, { env: { DOCKER_HOST: undefined, HOME: directory } })).code, 1);
  const plain = await run('docker', ['-H', host, 'version'], {
    env: { DOCKER_HOST: undefined, HOME: directory },
  });
  assert.equal(plain.code, 1);
  assert.deepEqual(
    daemon.lines(({ msg }) => msg === 'request'),
    [],
  );
});

test('new certificates are served after SIGHUP, without a restart', async () => {
  const own = { cert: join(directory, 'live.crt'), key: join(directory, 'live.key') };
  const install = async ({ cert, key }: Certificate) => {
    await cp(cert, own.cert);
    await cp(key, own.key);
  };
  await install(server);
  const { daemon, host } = await open('renewed', [...['--tls', '--tlscert', own.cert, '--tlskey', own.key]]);
  await using _ = daemon;
  const before = await shownCertificate(host);
  await install(await authority.issue(['127.0.0.1', 'renewed.example']));
  daemon.child.kill('SIGHUP');
  await daemon.line(({ msg }) => msg === 'configuration read again');
  const after = await shownCertificate(host);
  assert.notEqual(after, before);
  // A broken certificate is told, and the good one stays.
  await cp(authority.cert, own.cert);
  daemon.child.kill('SIGHUP');
  const { msg } = await daemon.line(({ level }) => level === 'error');
  assert.match(msg, /^the configuration stays as it was: cannot serve TLS with /);
  assert.equal(await shownCertificate(host), after);
});

test('a certificate that cannot be read stops the start with its setting', async () => {
  await using daemon = startGantry([
    ...['--data-root', join(directory, 'none'), '--host', 'tcp://127.0.0.1:0', '--tls'],
    ...['--tlscert', join(directory, 'none.pem'), '--tlskey', server.key],
  ]);
  assert.equal((await daemon.ended).code, 1);
  assert.match(daemon.printed(), /cannot read .*none\.pem, which the setting "tlscert" names: no such file/);
});

/** The fingerprint of what the daemon shows to a new connection. */
async function shownCertificate(host: string): Promise<string> {
  const { hostname, port } = new URL(host.replace(/^tcp:/, 'http:'));
  const ca = await readFile(authority.cert);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: hostname, port: Number(port), ca }, () => {
    resolve(socket.getPeerCertificate().fingerprint256);
  });
  socket.once('error', reject);
  const fingerprint = await promise;
  socket.destroy();
  return fingerprint;
}
