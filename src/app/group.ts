import { readFile } from 'node:fs/promises';
import { GantryError } from '#errors';

/** The group of Docker's socket: whoever is in it may command the daemon of root. */
const usualGroup = 'docker';

/**
 * The number of the group that a socket is given to: `group` by name (group(5)) or number. Without one it is
 * `docker`, when root runs the daemon and there is such a group; otherwise undefined: the socket keeps the user's.
 *
 * @throws invalid-argument `group-unknown`
 */
export async function socketGroup(
  group: string,
  { uid, file = '/etc/group' }: { uid: number; file?: string },
): Promise<number | undefined> {
  if (group === '') return uid === 0 ? lookup(usualGroup, file) : undefined;
  if (/^\d+$/.test(group)) return Number(group);
  const found = await lookup(group, file);
  if (found !== undefined) return found;
  throw new GantryError(
    'invalid-argument',
    'group-unknown',
    `there is no group "${group}": make it, or give another one as the setting "group"`,
    { subject: { group } },
  );
}

async function lookup(group: string, file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === group);
  return fields?.[2] === undefined ? undefined : Number(fields[2]);
}
