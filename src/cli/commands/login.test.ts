import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '#engine';
import { GantryError } from '#errors';
import { createMemoryRegistry } from '#registry';
import { openSession, type Session } from '../../../test/support/command-session.ts';

const warned = 'WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n';

const stored = ({ directory }: Session): string => `
WARNING! Your credentials are stored unencrypted in '${directory}/.docker/config.json'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/

`;

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

/** Registries that take a login as `login` does. */
function registriesThat(login: Engine['registries']['login']): Engine['registries'] {
  return { login, open: () => createMemoryRegistry(), search: () => Promise.resolve([]) };
}

async function auths({ directory }: Session): Promise<unknown> {
  const text = await readFile(path.join(directory, '.docker', 'config.json'), 'utf8');
  return (JSON.parse(text) as { auths: unknown }).auths;
}

test('a login that the registry takes is kept, and tried when none is given', async (context) => {
  const session = await openSession(context);
  const first = await session.run(['login', '-u', 'me', '--password-stdin', 'https://r.local/v2/'], {
    stdin: 'right\n',
  });
  assert.partialDeepStrictEqual(first, { code: 0, stdout: 'Login Succeeded\n', stderr: stored(session) });
  assert.deepEqual(await auths(session), { 'r.local': auth('me:right') });
  const second = await session.run(['login', 'r.local']);
  assert.partialDeepStrictEqual(second, {
    code: 0,
    stdout: 'Login Succeeded\n',
    stderr: `Authenticating with existing credentials... [Username: me]

 Info -> To login with a different account, run 'gantry logout' followed by 'gantry login'


`,
  });
});

test('Docker Hub is the default, and has the name that docker gives it', async (context) => {
  const session = await openSession(context);
  const { stderr } = await session.run(['login', '-u', 'me', '-p', 'right']);
  assert.equal(stderr, `${warned}${stored(session)}`);
  assert.deepEqual(await auths(session), { 'https://index.docker.io/v1/': auth('me:right') });
  assert.match((await session.run(['info'])).stdout, /\n Username: me\n/);
  const out = await session.run(['logout']);
  assert.partialDeepStrictEqual(out, {
    code: 0,
    stdout: 'Removing login credentials for https://index.docker.io/v1/\n',
    stderr: '',
  });
  assert.deepEqual(await auths(session), {});
  assert.doesNotMatch((await session.run(['info'])).stdout, /Username/);
});

test('a login that the registry refuses is not kept', async (context) => {
  const session = await openSession(context);
  const { code, stdout, stderr } = await session.run(['login', '-u', 'me', '-p', 'wrong', 'r.local']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.equal(
    stderr,
    `${warned}Error response from daemon: Get "https://r.local/v2/": unauthorized: incorrect username or password\n`,
  );
  await assert.rejects(auths(session), { code: 'ENOENT' });
});

test('an identity token is kept instead of the password', async (context) => {
  const login = () => Promise.resolve({ identityToken: 'idt' });
  const session = await openSession(context, { registries: registriesThat(login) });
  const { stderr } = await session.run(['login', '-u', 'me', '--password-stdin', 'r.local'], {
    stdin: 'right',
  });
  assert.equal(stderr, '');
  assert.deepEqual(await auths(session), { 'r.local': { ...auth('me:'), identitytoken: 'idt' } });
});

test('a terminal is asked for what is missing, and does not show the password', async (context) => {
  const session = await openSession(context);
  const { code, stdout } = await session.run(['login', 'r.local'], {
    terminal: true,
    stdin: 'me\nright\n',
  });
  assert.deepEqual([code, stdout], [0, 'Username: Password: \nLogin Succeeded\n']);
  assert.deepEqual(await auths(session), { 'r.local': auth('me:right') });
  const empty = await session.run(['login', '-u', 'me', 'r.local'], { terminal: true, stdin: '\n' });
  assert.partialDeepStrictEqual(empty, { code: 1, stderr: 'Error: Password Required\n' });
  const nobody = await session.run(['login', 'other.local'], { terminal: true, stdin: '\n' });
  assert.partialDeepStrictEqual(nobody, { code: 1, stderr: 'Error: Non-null Username Required\n' });
});

test('an interruption at a question ends the login', { timeout: 10_000 }, async (context) => {
  const session = await openSession(context);
  for (const argv of [
    ['login', 'r.local'],
    ['login', '-u', 'me', 'r.local'],
  ]) {
    const controller = new AbortController();
    const running = session.run(argv, { terminal: true, signal: controller.signal });
    await sleep(50);
    controller.abort();
    assert.equal((await running).code, 130);
  }
  const typed = await session.run(['login', '-u', 'me', 'r.local'], { terminal: true, stdin: '\x03' });
  assert.equal(typed.code, 130);
});

test('credentials that are out of date are told so, and asked for anew', async (context) => {
  const passwords = ['old', 'new'];
  const session = await openSession(context, {
    registries: registriesThat((_, { password }) => {
      if (password === passwords[0]) return Promise.resolve({});
      return Promise.reject(new GantryError('unauthorized', 'registry-unauthorized', 'no'));
    }),
  });
  await session.run(['login', '-u', 'me', '-p', 'old', 'r.local']);
  passwords.shift();
  const { code, stdout, stderr } = await session.run(['login', 'r.local'], {
    terminal: true,
    stdin: '\nnew\n',
  });
  assert.deepEqual([code, stdout], [0, 'Username (me): Password: \nLogin Succeeded\n']);
  assert.match(stderr, /\nStored credentials invalid or expired\n/);
});

test('flags that contradict each other, and nobody to ask, are told in docker’s words', async (context) => {
  const session = await openSession(context);
  const complaints: [string[], string][] = [
    [
      ['-u', 'me', '-p', 'x', '--password-stdin'],
      'conflicting options: cannot specify both --password and --password-stdin',
    ],
    [['--password-stdin'], 'the --password-stdin option requires --username to be set'],
    [['-u', ''], 'username is empty'],
    [['-u', 'me', '-p', ''], 'password is empty'],
    [[], 'Error: Cannot perform an interactive login from a non TTY device'],
    [['-u', 'me'], 'Error: Cannot perform an interactive login from a non TTY device'],
  ];
  for (const [argv, message] of complaints) {
    const { code, stdout, stderr } = await session.run(['login', ...argv]);
    assert.deepEqual([code, stdout, stderr], [1, '', `${message}\n`]);
  }
});
