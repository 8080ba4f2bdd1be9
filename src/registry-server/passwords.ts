import { Worker } from 'node:worker_threads';
import { GantryError } from '#errors';

// In src it is TypeScript, in dist JavaScript.
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './password-worker.ts' : './password-worker.js',
  import.meta.url,
);

/** Compares passwords with bcrypt hashes in a thread of its own. */
export interface PasswordChecker {
  /**
   * Whether the hash is this password's. One at a time: ask again when it has answered.
   *
   * @throws internal `password-thread` when the thread died
   */
  check(password: string, hash: string): Promise<boolean>;
}

/**
 * A checker whose thread is started by the first question. bcrypt is slow on purpose: on the main thread all
 * transfers would wait for it. The thread keeps no process alive.
 */
export function createPasswordChecker(): PasswordChecker {
  let worker: Worker | undefined;
  return {
    check(password, hash) {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      // Flags of the process, such as --input-type, may say how its own entry is to be read.
      const thread = (worker ??= new Worker(entry, { execArgv: [] }));
      const end = (): void => {
        thread.off('message', answered).off('error', failed);
        thread.unref();
      };
      const answered = (right: boolean): void => {
        end();
        resolve(right);
      };
      const failed = (cause: Error): void => {
        end();
        worker = undefined;
        reject(
          new GantryError('internal', 'password-thread', 'the thread that checks passwords died; try again', {
            cause,
          }),
        );
      };
      thread.on('message', answered).on('error', failed);
      // While a question is open the process must live to hear the answer.
      thread.ref();
      thread.postMessage({ password, hash } satisfies PasswordQuestion);
      return promise;
    },
  };
}

/** What the thread is asked. */
export interface PasswordQuestion {
  readonly password: string;
  readonly hash: string;
}
