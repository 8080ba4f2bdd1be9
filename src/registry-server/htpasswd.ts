import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { fromErrno, GantryError } from '#errors';
import { registryError } from '#registry';
import { createPasswordChecker } from './passwords.ts';

/** Users and their passwords. */
export interface Htpasswd {
  /**
   * Whether the password is this user's, by the file as it is now.
   *
   * @throws resource-exhausted `registry-rate-limited` when too many others wait; invalid-argument
   *   `htpasswd-invalid`, `errno-…` when the file has become unreadable
   */
  verify(credentials: { user: string; password: string }): Promise<boolean>;
}

/** How often the file is looked at, in milliseconds. */
const lookAgain = 1000;

/** How many checks may wait. bcrypt is slow on purpose, so one at a time: all guessers together get one core at most. */
const maxWaiting = 64;

/** Compared with when there is no such user, so that the answer takes as long. */
const nobody = '$2b$10$CwTycUXWue0Thq9StjUM0uJ8VJPVSPMJNfHNNrjW2bQdCr7lrG7Wu';

/**
 * Opens a file of `user:hash` lines as `htpasswd -B` writes it: bcrypt only. A change of the file counts within a
 * second. A password that was right is remembered, by a keyed hash, until the file changes.
 *
 * @throws invalid-argument `htpasswd-invalid` with the line of a hash of another kind; `errno-…`
 */
export async function openHtpasswd(
  file: string,
  { clock = Date.now }: { clock?: () => number } = {},
): Promise<Htpasswd> {
  const passwords = createPasswordChecker();
  const key = randomBytes(32);
  const digest = (user: string, password: string): Buffer =>
    createHmac('sha256', key).update(`${user}:${password}`).digest();
  const known = new Map<string, Buffer>();
  let users: ReadonlyMap<string, string> = new Map();
  let version = '';
  let looked = -Infinity;
  let waiting = 0;
  let queue: Promise<unknown> = Promise.resolve();

  async function look(): Promise<void> {
    if (clock() - looked < lookAgain) return;
    try {
      const { ino, size, mtimeNs } = await stat(file, { bigint: true });
      const found = `${ino} ${size} ${mtimeNs}`;
      if (found !== version) {
        users = parseHtpasswd(await readFile(file, 'utf8'), file);
        known.clear();
        version = found;
      }
      looked = clock();
    } catch (error) {
      throw fromErrno(error, `read the passwords in ${file}`, { file });
    }
  }

  async function compare(user: string, password: string): Promise<boolean> {
    if (waiting >= maxWaiting) throw registryError('TOOMANYREQUESTS', 'too many logins at once');
    waiting++;
    const hash = users.get(user);
    const checked = queue.then(() => passwords.check(password, hash ?? nobody));
    queue = checked.catch(() => undefined);
    try {
      return (await checked) && hash !== undefined;
    } finally {
      waiting--;
    }
  }

  await look();
  return {
    async verify({ user, password }) {
      await look();
      const own = digest(user, password);
      const right = known.get(user);
      if (right !== undefined && timingSafeEqual(own, right)) return true;
      const checked = users;
      if (!(await compare(user, password))) return false;
      // The file may have changed meanwhile: then what was checked is of yesterday.
      if (checked === users) known.set(user, own);
      return true;
    },
  };
}

function parseHtpasswd(text: string, file: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, user, hash] = /^([^:]+):(\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})\s*$/.exec(line) ?? [];
    if (user === undefined || hash === undefined) {
      throw new GantryError(
        'invalid-argument',
        'htpasswd-invalid',
        `${file}:${index + 1}: this is no user with a bcrypt hash; write the line with htpasswd -B`,
        { subject: { file, line: index + 1 } },
      );
    }
    users.set(user, hash);
  }
  return users;
}
