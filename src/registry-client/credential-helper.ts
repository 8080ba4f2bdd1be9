import { spawn } from 'node:child_process';
import { fromErrno, GantryError } from '#errors';
import type { Environment } from './proxy.ts';
import type { RegistryCredentials } from './token.ts';

/** The user by which helpers mark an identity token (docker-credential-helpers). */
const tokenUser = '<token>';

/** The most that a helper is listened to. Bytes. */
const maxAnswer = 1024 * 1024;

/** What a helper prints when it knows nothing of a server, with exit code 1. */
const notFound = 'credentials not found in native keychain';

/** A program that keeps credentials: `docker-credential-<name>`. Protocol: docker-credential-helpers, README. */
export interface CredentialHelper {
  get(key: string): Promise<RegistryCredentials | undefined>;
  store(key: string, credentials: RegistryCredentials): Promise<void>;
  erase(key: string): Promise<void>;
}

/**
 * The helper of that name, found on the PATH of `env`. Its methods throw not-found `credential-helper-missing`,
 * unavailable `credential-helper-failed`, corrupt `credential-helper-answer`.
 *
 * @throws invalid-argument `credential-helper-name`
 */
export function createCredentialHelper(name: string, env: Environment): CredentialHelper {
  if (!/^[\w.-]+$/.test(name)) {
    throw new GantryError(
      'invalid-argument',
      'credential-helper-name',
      `${JSON.stringify(name)} names no credential helper`,
    );
  }
  const program = `docker-credential-${name}`;

  function failed(output: string): GantryError {
    const words = output.trim().slice(0, 500);
    return new GantryError('unavailable', 'credential-helper-failed', `${program} failed: ${words}`, {
      subject: { program },
    });
  }

  return {
    async get(key) {
      const { code, output } = await run(program, 'get', { input: key, env });
      if (code === 0) return parseAnswer(program, output);
      if (output.trim() === notFound) return undefined;
      throw failed(output);
    },
    async store(key, { username = '', password = '', identityToken }) {
      const [Username, Secret] = identityToken ? [tokenUser, identityToken] : [username, password];
      const input = JSON.stringify({ ServerURL: key, Username, Secret });
      const { code, output } = await run(program, 'store', { input, env });
      if (code !== 0) throw failed(output);
    },
    async erase(key) {
      const { code, output } = await run(program, 'erase', { input: key, env });
      if (code !== 0 && output.trim() !== notFound) throw failed(output);
    },
  };
}

function parseAnswer(program: string, output: string): RegistryCredentials | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    answer = undefined;
  }
  const { Username, Secret } = (answer ?? {}) as { Username?: unknown; Secret?: unknown };
  if (typeof Username !== 'string' || typeof Secret !== 'string') {
    throw new GantryError(
      'corrupt',
      'credential-helper-answer',
      `${program} does not answer with credentials`,
      {
        subject: { program },
      },
    );
  }
  if (Username === '' && Secret === '') return undefined;
  return Username === tokenUser ? { identityToken: Secret } : { username: Username, password: Secret };
}

/** Runs to its end; what it prints on standard error is the user's to see. */
function run(
  program: string,
  action: string,
  { input, env }: { input: string; env: Environment },
): Promise<{ code: number | null; output: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; output: string }>();
  const child = spawn(program, [action], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxAnswer) chunks.push(chunk);
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    const missing = new GantryError(
      'not-found',
      'credential-helper-missing',
      `the credential helper ${program} is not on the PATH: install it, or take it out of the configuration file`,
      { subject: { program }, cause: error },
    );
    const failure = error.code === 'ENOENT' ? missing : fromErrno(error, `run ${program}`, { program });
    reject(failure);
  });
  child.on('close', (code) => {
    resolve({ code, output: Buffer.concat(chunks).toString() });
  });
  // A helper that does not read its input ends before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${input}\n`);
  return promise;
}
