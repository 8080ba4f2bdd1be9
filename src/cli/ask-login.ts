import { GantryError } from '#errors';
import { askSecret } from './ask-secret.ts';
import { readLine } from './confirm.ts';
import type { CommandIO } from './terminal.ts';

/** Who logs in. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/**
 * Asks for what is missing of a login. `known` is a name from an earlier one, which an empty answer takes.
 *
 * @throws invalid-argument `login-terminal` where nobody can be asked, `login-incomplete` for empty answers
 */
export async function askLogin(
  io: CommandIO,
  given: Login,
  { known, signal }: { known: string; signal: AbortSignal },
): Promise<Login> {
  if (given.username !== '' && given.password !== '') return given;
  if (io.stdin.isTTY !== true) {
    throw new GantryError(
      'invalid-argument',
      'login-terminal',
      'Error: Cannot perform an interactive login from a non TTY device',
    );
  }
  const username = given.username.trim() || (await askName(io, known, signal));
  if (username === '') throw incomplete('Error: Non-null Username Required');
  const password = given.password.trim() || (await askSecret(io, 'Password: ', signal));
  if (password === '') throw incomplete('Error: Password Required');
  return { username, password };
}

async function askName(io: CommandIO, known: string, signal: AbortSignal): Promise<string> {
  io.stdout.write(known === '' ? 'Username: ' : `Username (${known}): `);
  return (await readLine(io, signal)).trim() || known;
}

function incomplete(message: string): GantryError {
  return new GantryError('invalid-argument', 'login-incomplete', message);
}
