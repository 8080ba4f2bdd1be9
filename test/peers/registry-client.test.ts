/** Our client against Debian's docker-registry: plain, with a password, over TLS. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createMemoryContent } from '#content';
import { digestOf, mediaTypes } from '#oci';
import { createRegistryClients, type RegistryClients } from '#registry-client';
import { fetchBlob } from '#transfer';
import { blobOf, registrySuite } from '../../src/registry/registry.suite.ts';
import { openCertificateAuthority, openRegistry, temporaryDirectory } from '../support/peers.ts';

const clientsOf = (certificatesDirectory = '/nonexistent'): RegistryClients =>
  createRegistryClients({ version: '0', env: {}, certificatesDirectory, wait: async () => undefined });

const blob = randomBytes(3_000_000);
const digest = digestOf(blob);
const auth = { user: 'me', password: 'p:w' };
const credentials = { username: auth.user, password: auth.password };

/** Another spelling of 127.0.0.1, which is not taken for this machine: its certificate is verified. */
const strange = '[::ffff:7f00:1]';

registrySuite('docker-registry behind the client', async () => {
  const server = await openRegistry();
  const clients = clientsOf();
  return {
    registry: clients.open(server.host),
    close: async () => {
      await clients[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});

/** A line to `port` that breaks once, when so many bytes have gone either way. */
async function openBreakingLine(port: number, limit: number): Promise<AsyncDisposable & { host: string }> {
  let passed = 0;
  const server = createServer((client) => {
    const registry = connect(port, '127.0.0.1');
    client.pipe(registry).pipe(client);
    for (const [side, other] of [
      [client, registry],
      [registry, client],
    ] as const) {
      side.on('data', (chunk) => {
        const before = passed;
        passed += chunk.length;
        if (before < limit && passed >= limit) side.destroy();
      });
      side.on('error', () => undefined).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

test('an upload whose line breaks is made again, for this registry cannot go on', async () => {
  await using server = await openRegistry();
  await using line = await openBreakingLine(server.port, 2_000_000);
  await using clients = clientsOf();
  const opened: number[] = [];
  const whole = blobOf(blob);
  const open = (offset: number): AsyncIterable<Uint8Array> => {
    opened.push(offset);
    return whole.open(offset);
  };
  await clients.open(line.host).putBlob('a/b', { ...whole, open });
  assert.deepEqual(opened, [0, 0]);
  const { body } = await clients.open(server.host).getBlob('a/b', digest);
  assert.ok(Buffer.concat(await Array.fromAsync(body)).equals(blob));
});

test('a download whose line breaks goes on where it was', async () => {
  await using server = await openRegistry();
  await using line = await openBreakingLine(server.port, 2_000_000);
  await using clients = clientsOf();
  await clients.open(server.host).putBlob('a/b', blobOf(blob));
  const store = createMemoryContent();
  const retries: unknown[] = [];
  const progress: number[] = [];
  const fetched = await fetchBlob({
    reader: clients.open(line.host),
    repository: 'a/b',
    descriptor: { mediaType: mediaTypes.ociLayer, digest, size: blob.length },
    store,
    onProgress: (bytes) => progress.push(bytes),
    onRetry: (_, error) => retries.push(error),
    wait: async () => undefined,
  });
  assert.equal(fetched, 'fetched');
  assert.equal(retries.length, 1);
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  );
  assert.ok(Buffer.concat(await Array.fromAsync(store.read(digest))).equals(blob));
  assert.match(await readFile(server.log, 'utf8'), /GET \/v2\/a\/b\/blobs\/\S+ HTTP\/1.1" 206/);
});

test('a registry with a password takes ours, and says what is wrong with others', async () => {
  await using server = await openRegistry({ auth });
  await using clients = clientsOf();
  const registry = clients.open(server.host, credentials);
  await registry.putBlob('a/b', blobOf(blob));
  const { body } = await registry.getBlob('a/b', digest, { offset: 1_000_000 });
  assert.ok(Buffer.concat(await Array.fromAsync(body)).equals(blob.subarray(1_000_000)));
  assert.deepEqual(await clients.login(server.host, credentials), {});
  await assert.rejects(clients.login(server.host, { ...credentials, password: 'wrong' }), {
    code: 'registry-unauthorized',
    message: `login attempt to http://${server.host}/v2/ failed with status: 401 Unauthorized`,
  });
  await assert.rejects(clients.open(server.host).getManifest('a/b', 'v1'), {
    code: 'registry-unauthorized',
    message: `Get "http://${server.host}/v2/a/b/manifests/v1": no basic auth credentials`,
  });
  await assert.rejects(clients.search(server.host, { term: 'x', limit: 25 }), {
    message: 'Unexpected status code 404',
  });
});

test('a registry of this machine may have any certificate', async () => {
  await using directory = await temporaryDirectory();
  const authority = await openCertificateAuthority(directory.path);
  await using server = await openRegistry({ tls: await authority.issue(['other.example']) });
  await using clients = clientsOf();
  const registry = clients.open(server.host);
  await registry.putBlob('a/b', blobOf(blob));
  assert.deepEqual(await registry.headBlob('a/b', digest), { size: blob.length });
});

test('another registry is trusted by its authority alone, and is shown our certificate', async () => {
  await using directory = await temporaryDirectory();
  const authority = await openCertificateAuthority(directory.path);
  const served = await authority.issue(['::ffff:7f00:1']);
  const shown = await authority.issue(['client.example']);
  await using server = await openRegistry({ tls: { ...served, clientCa: authority.cert } });
  const domain = `${strange}:${server.port}`;
  {
    await using strangers = clientsOf();
    await assert.rejects(strangers.open(domain).headBlob('a/b', digest), {
      code: 'registry-certificate',
      message: /: tls: failed to verify certificate: x509: certificate signed by unknown authority$/,
    });
  }
  const folder = join(directory.path, 'certs.d', domain);
  await mkdir(folder, { recursive: true });
  await copyFile(authority.cert, join(folder, 'ca.crt'));
  {
    await using anonymous = clientsOf(join(directory.path, 'certs.d'));
    await assert.rejects(anonymous.open(domain).headBlob('a/b', digest), { kind: 'unavailable' });
  }
  await copyFile(shown.cert, join(folder, 'client.cert'));
  {
    await using halved = clientsOf(join(directory.path, 'certs.d'));
    await assert.rejects(halved.open(domain).headBlob('a/b', digest), { code: 'certificate-pair' });
  }
  await copyFile(shown.key, join(folder, 'client.key'));
  await using clients = clientsOf(join(directory.path, 'certs.d'));
  const registry = clients.open(domain);
  await registry.putBlob('a/b', blobOf(blob));
  assert.deepEqual(await registry.headBlob('a/b', digest), { size: blob.length });
});
