import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { findError } from '#errors';
import { runRegistry, type RegistrySettings } from '../../src/app/registry.ts';
import { openCertificateAuthority, temporaryDirectory } from '../support/peers.ts';

async function refuses(settings: Omit<RegistrySettings, 'root'>, code: string): Promise<void> {
  await using directory = await temporaryDirectory('registry');
  const options = {
    signal: new AbortController().signal,
    onReady: () => assert.fail('it must not listen'),
    onFailure: () => undefined,
  };
  await assert.rejects(
    runRegistry({ root: join(directory.path, 'store'), ...settings }, options),
    (error) => {
      assert.equal(findError(error)?.code, code);
      return true;
    },
  );
}

test('where others could listen in, plain HTTP must be allowed in words', async () => {
  for (const addr of ['0.0.0.0:0', ':0', '192.0.2.1:0', '[::]:0'])
    await refuses({ addr }, 'registry-insecure');
});

test('what is no address is refused', async () => {
  for (const addr of ['', '5000', 'localhost', 'http://localhost:5000', '127.0.0.1:99999', '::1:5000']) {
    await refuses({ addr }, 'addr-invalid');
  }
});

test('it listens on all addresses when told so, and ends with its signal', async () => {
  await using directory = await temporaryDirectory('registry');
  const end = new AbortController();
  const urls: string[] = [];
  await runRegistry(
    { root: directory.path, addr: '0.0.0.0:0', insecure: true },
    {
      signal: end.signal,
      onReady: (url) => {
        urls.push(url);
        end.abort();
      },
      onFailure: (error) => assert.fail(String(error)),
    },
  );
  assert.match(urls[0]!, /^http:\/\/0\.0\.0\.0:\d+$/);
});

test('with a certificate it speaks TLS', async () => {
  await using directory = await temporaryDirectory('registry');
  const authority = await openCertificateAuthority(directory.path);
  const tls = await authority.issue(['127.0.0.1']);
  const ca = await readFile(authority.cert);
  const end = new AbortController();
  const status = Promise.withResolvers<number | undefined>();
  await runRegistry(
    { root: join(directory.path, 'store'), addr: '127.0.0.1:0', tls },
    {
      signal: end.signal,
      onReady: (url) => {
        assert.match(url, /^https:/);
        request(`${url}/v2/`, { ca, agent: false }, (response) => {
          status.resolve(response.statusCode);
          response.resume();
          end.abort();
        })
          .on('error', status.reject)
          .end();
      },
      onFailure: (error) => assert.fail(String(error)),
    },
  );
  assert.equal(await status.promise, 200);
});
