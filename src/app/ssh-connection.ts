import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { errnoOf, GantryError } from '#errors';

/** ssh says in a few lines what is wrong; of more than so many characters the first are kept. */
const maxComplaint = 4096;

/**
 * A connection over the input and output of the program `ssh`, which is found on the PATH of `env`. Closing it ends
 * the program. When the program fails, so does the connection: unavailable `ssh-missing`, `ssh-failed`.
 */
export function openSshConnection(words: readonly string[], env: NodeJS.ProcessEnv): Duplex {
  const child = spawn('ssh', words, { stdio: 'pipe', env });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, maxComplaint);
  });
  // How the program ended says more than the pipe that it closed.
  child.stdin.on('error', () => undefined);
  const connection = new Duplex({
    read: () => {
      child.stdout.resume();
    },
    write: (chunk, _, done) => {
      child.stdin.write(chunk, () => {
        done();
      });
    },
    final: (done) => {
      child.stdin.end(done);
    },
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (!connection.push(chunk)) child.stdout.pause();
  });
  child.once('error', (cause) => {
    connection.destroy(notStarted(cause));
  });
  child.once('close', (code, signal) => {
    if (code === 0) connection.push(null);
    else connection.destroy(failed(words, { status: signal ?? `exit status ${code}`, complaint }));
  });
  return connection;
}

function notStarted(cause: Error): GantryError {
  const why = errnoOf(cause) === 'ENOENT' ? 'exec: "ssh": executable file not found in $PATH' : cause.message;
  return new GantryError('unavailable', 'ssh-missing', why, { cause });
}

function failed(
  words: readonly string[],
  { status, complaint }: { status: string; complaint: string },
): GantryError {
  return new GantryError(
    'unavailable',
    'ssh-failed',
    `command [ssh ${words.join(' ')}] has exited with ${status}, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=${complaint}`,
  );
}
