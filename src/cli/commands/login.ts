import { findError, GantryError } from '#errors';
import type { AuthAnswer } from '#wire';
import { askLogin, type Login } from '../ask-login.ts';
import { defineCommand, type Invocation } from '../command.ts';
import { errorText } from '../error-text.ts';
import { loginServer } from '../login-server.ts';
import { configFile, credentialsOf } from '../registry-auth.ts';

const flags = {
  password: { type: 'string', short: 'p', usage: 'Password or Personal Access Token (PAT)' },
  'password-stdin': {
    type: 'boolean',
    usage: 'Take the Password or Personal Access Token (PAT) from stdin',
  },
  username: { type: 'string', short: 'u', usage: 'Username' },
} as const;

type LoginInvocation = Invocation<typeof flags>;

export const login = defineCommand({
  name: 'login',
  common: 8,
  usage: '[OPTIONS] [SERVER]',
  short: 'Authenticate to a registry',
  long: 'Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.',
  examples: ['login registry.local:5000', 'login --username me --password-stdin ghcr.io < token'],
  flags,
  arity: { min: 0, max: 1 },
  async run(invocation) {
    const { io, args } = invocation;
    const given = await givenLogin(invocation);
    const server = loginServer(args[0]);
    const stored =
      given.username === '' && given.password === ''
        ? await (await credentialsOf(invocation)).get(server)
        : undefined;
    const { username: known = '', password = '' } = stored ?? {};
    const again =
      known !== '' && password !== ''
        ? await loginAgain(invocation, server, { username: known, password })
        : undefined;
    const status =
      again ??
      (await authenticate(
        invocation,
        server,
        await askLogin(io, given, { known, signal: invocation.signal }),
      ));
    io.stdout.write(`${status}\n`);
    return undefined;
  },
});

/** What the flags say; empty where they say nothing. @throws invalid-argument `flags-conflict`, `login-incomplete` */
async function givenLogin({ io, flags, given }: LoginInvocation): Promise<Login> {
  const { username, password } = flags;
  const refuse = (code: string, message: string) => new GantryError('invalid-argument', code, message);
  if (given.has('password-stdin')) {
    if (given.has('password')) {
      throw refuse(
        'flags-conflict',
        'conflicting options: cannot specify both --password and --password-stdin',
      );
    }
    if (!given.has('username')) {
      throw refuse('flags-conflict', 'the --password-stdin option requires --username to be set');
    }
  }
  if (given.has('username') && username === '') throw refuse('login-incomplete', 'username is empty');
  if (given.has('password') && password === '') throw refuse('login-incomplete', 'password is empty');
  if (password !== '') {
    io.stderr.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
  }
  return { username, password: flags.passwordStdin ? await readPassword(io) : password };
}

/** All of the input, without the end of its last line. */
async function readPassword({ stdin }: LoginInvocation['io']): Promise<string> {
  const chunks = await Array.fromAsync(stdin as AsyncIterable<Buffer | string>, (chunk) =>
    Buffer.from(chunk),
  );
  return Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '');
}

/** Tries the credentials that are kept; answers undefined, and says why, when they will not do. */
async function loginAgain(
  invocation: LoginInvocation,
  server: string,
  stored: Login,
): Promise<string | undefined> {
  const { stderr } = invocation.io;
  stderr.write(`Authenticating with existing credentials... [Username: ${stored.username}]\n`);
  stderr.write(
    "\n Info -> To login with a different account, run 'gantry logout' followed by 'gantry login'\n\n\n",
  );
  try {
    return await authenticate(invocation, server, stored);
  } catch (error) {
    if (findError(error) === undefined) throw error;
    const isRefusal = findError(error, { kind: 'unauthorized' }) !== undefined;
    stderr.write(
      isRefusal
        ? 'Stored credentials invalid or expired\n'
        : `Login did not succeed, error: ${errorText(error)}\n`,
    );
    return undefined;
  }
}

/** Has the daemon try the login and keeps it, or the token that came for it. Answers the daemon's word of success. */
async function authenticate(
  invocation: LoginInvocation,
  server: string,
  { username, password }: Login,
): Promise<string> {
  const { io, engine, signal } = invocation;
  const client = await engine();
  const json = { username, password, serveraddress: server };
  const answer = await client.request({ method: 'POST', path: '/auth', json, signal });
  const { Status = 'Login Succeeded', IdentityToken } =
    ((await answer.json()) as Partial<AuthAnswer> | undefined) ?? {};
  const credentials = await credentialsOf(invocation);
  const isUnencrypted = await credentials.store(
    server,
    IdentityToken ? { username, identityToken: IdentityToken } : { username, password },
  );
  if (isUnencrypted) io.stderr.write(unencryptedWarning(configFile(invocation)));
  return Status;
}

function unencryptedWarning(file: string): string {
  return `
WARNING! Your credentials are stored unencrypted in '${file}'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/

`;
}
