import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { openEngineClient } from '#engine-client';
import { openCertificateAuthority } from '../support/peers/certificates.ts';
import { temporaryDirectory } from '../support/peers/temporary.ts';

const directory = await temporaryDirectory('client-tls');
after(() => directory[Symbol.asyncDispose]());
const authority = await openCertificateAuthority(directory.path);
const pem = async ({ cert, key }: { cert: string; key: string }) => ({
  cert: await readFile(cert),
  key: await readFile(key),
});
const ca = await readFile(authority.cert);
const server = createServer(
  { ...(await pem(await authority.issue(['127.0.0.1']))), ca, requestCert: true, rejectUnauthorized: true },
  (_, response) => response.setHeader('Api-Version', '1.50').end('{"ID":"secure"}'),
);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => {
  server.closeAllConnections();
  server.close();
});
const { port } = server.address() as AddressInfo;

test('a daemon behind TLS is spoken to when both sides know each other (needs openssl)', async () => {
  const own = await pem(await authority.issue(['client']));
  for (const host of [`tcp://127.0.0.1:${port}`, `https://127.0.0.1:${port}`]) {
    await using client = await openEngineClient({ host, tls: { ca, ...own } });
    const answer = await client.request({ method: 'GET', path: '/info' });
    assert.deepEqual(await answer.json(), { ID: 'secure' });
  }
});

test('a daemon that nobody vouches for is refused, unless told not to look (needs openssl)', async () => {
  const own = await pem(await authority.issue(['client']));
  const host = `tcp://127.0.0.1:${port}`;
  await assert.rejects(openEngineClient({ host, tls: own }), { code: 'daemon-connection' });
  await using client = await openEngineClient({ host, tls: { ...own, verify: false } });
  assert.equal(client.apiVersion, '1.50');
});
