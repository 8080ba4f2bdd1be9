import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { readContext } from './context-store.ts';

const id = createHash('sha256').update('far').digest('hex');

/** Docker's folder with the context `far`. */
async function openStore(
  context: TestContext,
  docker: object,
  keys: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-contexts-'));
  context.after(() => rm(folder, { recursive: true }));
  const [meta, tls] = [`contexts/meta/${id}`, `contexts/tls/${id}/docker`].map((each) =>
    path.join(folder, each),
  ) as [string, string];
  await mkdir(meta, { recursive: true });
  await mkdir(tls, { recursive: true });
  await writeFile(path.join(meta, 'meta.json'), JSON.stringify({ Name: 'far', Endpoints: { docker } }));
  for (const [name, text] of Object.entries(keys)) await writeFile(path.join(tls, name), text);
  return folder;
}

test('a context without certificates is plain, and says whether the daemon proves itself', async (context) => {
  const plain = await openStore(context, { Host: 'tcp://far:1', SkipTLSVerify: false });
  assert.deepEqual(await readContext(plain, 'far'), { host: 'tcp://far:1' });
  const skipping = await openStore(context, { Host: 'tcp://far:1', SkipTLSVerify: true });
  assert.deepEqual(await readContext(skipping, 'far'), { host: 'tcp://far:1', tls: { verify: false } });
});

test('a context with certificates is behind TLS', async (context) => {
  const keys = { 'ca.pem': 'CA', 'cert.pem': 'CERT', 'key.pem': 'KEY' };
  const folder = await openStore(context, { Host: 'tcp://far:1' }, keys);
  assert.deepEqual(await readContext(folder, 'far'), {
    host: 'tcp://far:1',
    tls: { verify: true, ca: 'CA', cert: 'CERT', key: 'KEY' },
  });
});

test('a context that is not there, or names no daemon, is told by code', async (context) => {
  const folder = await openStore(context, { Host: 5 });
  assert.deepEqual(await readContext(folder, 'far'), { host: '' });
  await assert.rejects(readContext(folder, 'near'), { kind: 'not-found', code: 'context-not-found' });
  await writeFile(path.join(folder, 'contexts/meta', id, 'meta.json'), 'null');
  await assert.rejects(readContext(folder, 'far'), { code: 'context-invalid' });
});
