import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openCredentials, type Credentials } from './credentials.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');

/** Credentials over a file of that content, in a directory of their own. */
async function open(
  context: TestContext,
  config?: unknown,
): Promise<{ credentials: Credentials; file: string; directory: string; read: () => Promise<unknown> }> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-credentials-'));
  context.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'docker', 'config.json');
  if (config !== undefined) {
    await mkdir(join(directory, 'docker'));
    await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config));
  }
  const env = { ...process.env, PATH: `${directory}:${process.env['PATH'] ?? ''}`, KEPT: directory };
  const read = async (): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));
  return { credentials: openCredentials({ configFile: file, env }), file, directory, read };
}

/** A helper that keeps each server in a file. */
async function writeHelper(directory: string, name: string): Promise<void> {
  const program = join(directory, `docker-credential-${name}`);
  await writeFile(
    program,
    `#!/bin/sh
input=$(cat)
case $1 in
  store) server=$(printf %s "$input" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/') ;;
  *) server=$input ;;
esac
file=$KEPT/kept-$(printf %s "$server" | tr -c 'a-z0-9' _)
case $1 in
  store) printf %s "$input" >"$file" ;;
  get) test -e "$file" && cat "$file" || { echo credentials not found in native keychain; exit 1; } ;;
  erase) rm "$file" ;;
esac
`,
  );
  await chmod(program, 0o755);
}

test('without a file there are no credentials, and storing makes it, for its owner only', async (context) => {
  const { credentials, file, read } = await open(context);
  assert.equal(await credentials.get('quay.io'), undefined);
  assert.equal(await credentials.erase('quay.io'), false);
  assert.equal(await credentials.store('quay.io', { username: 'me', password: 'p:w' }), true);
  assert.equal(await credentials.store('quay.io', { username: 'me', password: 'p:w' }), false);
  assert.deepEqual(await read(), { auths: { 'quay.io': { auth: encode('me:p:w') } } });
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await credentials.get('quay.io'), { username: 'me', password: 'p:w' });
});

test('all forms of an entry are read', async (context) => {
  const { credentials } = await open(context, {
    auths: {
      a: { auth: encode('me:pw\0\0') },
      b: { username: 'me', password: 'pw' },
      c: { auth: encode('me:'), identitytoken: 'idt' },
      d: { registrytoken: 'rt' },
      e: {},
      'https://f:5000/v1/': { auth: encode('f:f') },
      'https://index.docker.io/v1/': { auth: encode('hub:hub') },
    },
  });
  assert.deepEqual(await credentials.get('a'), { username: 'me', password: 'pw' });
  assert.deepEqual(await credentials.get('b'), { username: 'me', password: 'pw' });
  assert.deepEqual(await credentials.get('c'), { username: 'me', password: '', identityToken: 'idt' });
  assert.deepEqual(await credentials.get('d'), { registryToken: 'rt' });
  assert.equal(await credentials.get('e'), undefined);
  assert.deepEqual(await credentials.get('f:5000'), { username: 'f', password: 'f' });
  for (const hub of ['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'docker.io/library/x']) {
    assert.deepEqual(await credentials.get(hub), { username: 'hub', password: 'hub' }, hub);
  }
});

test('the longest part of the path wins', async (context) => {
  const auths = Object.fromEntries(
    ['h:1', 'h:1/team', 'h:1/team/app'].map((key) => [key, { auth: encode(`${key}:x`) }]),
  );
  const { credentials } = await open(context, {
    auths: { 'h:1': auths['h:1'], 'h:1/team': { auth: encode('team:x') } },
  });
  assert.equal((await credentials.get('h:1/team/app'))?.username, 'team');
  assert.equal((await credentials.get('h:1/teamwork/app'))?.username, 'h');
  assert.equal(await credentials.get('h:2/team'), undefined);
});

test('what else is in the file stays, in its order, and a link stays a link', async (context) => {
  const { credentials, file, directory } = await open(context);
  await mkdir(join(directory, 'docker'));
  const real = join(directory, 'real.json');
  await writeFile(real, '{"z":1,"auths":{"https://x/v1/":{"auth":"eA=="},"y":{}},"a":{"n":[null]}}');
  await symlink(real, file);
  assert.equal(await credentials.store('n', { username: 'u', identityToken: 'idt' }), false);
  assert.equal(await credentials.erase('x'), true);
  const text = await readFile(real, 'utf8');
  assert.deepEqual(Object.keys(JSON.parse(text) as object), ['z', 'auths', 'a']);
  assert.deepEqual(JSON.parse(text), {
    z: 1,
    auths: { y: {}, n: { auth: encode('u:'), identitytoken: 'idt' } },
    a: { n: [null] },
  });
});

test('a helper keeps them instead of the file, for all or for one server', async (context) => {
  const { credentials, directory, read } = await open(context, {
    credsStore: 'all',
    credHelpers: { 'one:5000': 'one' },
  });
  await writeHelper(directory, 'all');
  await writeHelper(directory, 'one');
  assert.equal(await credentials.get('quay.io'), undefined);
  assert.equal(await credentials.store('quay.io', { username: 'me', password: 'pw' }), false);
  await credentials.store('one:5000', { identityToken: 'idt' });
  assert.deepEqual(await credentials.get('quay.io'), { username: 'me', password: 'pw' });
  assert.deepEqual(await credentials.get('one:5000'), { identityToken: 'idt' });
  assert.deepEqual(await read(), {
    credsStore: 'all',
    credHelpers: { 'one:5000': 'one' },
    auths: { 'quay.io': {}, 'one:5000': {} },
  });
  assert.equal(await credentials.erase('quay.io'), true);
  assert.equal(await credentials.get('quay.io'), undefined);
  assert.equal(await credentials.erase('quay.io'), false);
});

test('a helper that is missing, fails or talks nonsense is an error that names it', async (context) => {
  const { credentials, directory } = await open(context, {
    credHelpers: { missing: 'missing', failing: 'failing', odd: 'odd', bad: '../x' },
  });
  for (const [name, script] of [
    ['failing', 'echo the keychain is locked; exit 1'],
    ['odd', 'echo hello'],
  ] as const) {
    await writeFile(join(directory, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  await assert.rejects(credentials.get('missing'), {
    code: 'credential-helper-missing',
    message: /docker-credential-missing/,
  });
  await assert.rejects(credentials.get('failing'), {
    code: 'credential-helper-failed',
    message: /the keychain is locked/,
  });
  await assert.rejects(credentials.get('odd'), { code: 'credential-helper-answer' });
  await assert.rejects(credentials.get('bad'), { code: 'credential-helper-name' });
});

test('a file that is no configuration is an error, and is not overwritten', async (context) => {
  for (const config of ['{', '[]', 'null', '{"auths":[]}', '{"auths":{"a":1}}', '{"credHelpers":7}']) {
    const { credentials, file } = await open(context, config);
    await assert.rejects(credentials.get('a'), { code: 'docker-config-invalid' }, config);
    await assert.rejects(credentials.store('a', { username: 'u' }), { code: 'docker-config-invalid' });
    assert.equal(await readFile(file, 'utf8'), config);
  }
});
