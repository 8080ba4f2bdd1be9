import { GantryError, type ErrorKind } from '#errors';

// Result codes of https://www.sqlite.org/rescode.html; the lower eight bits of an extended code are the primary one.
const busy = 5;
const meanings: Readonly<Record<number, [ErrorKind, string, string]>> = {
  [busy]: [
    'unavailable',
    'metadata-busy',
    'another process keeps it locked; try again when that one is done',
  ],
  8: ['forbidden', 'metadata-read-only', 'it can only be read; check its permissions and its file system'],
  10: ['corrupt', 'metadata-io', 'reading or writing its file failed; check the disk'],
  11: ['corrupt', 'metadata-corrupt', 'its file is damaged; restore it from a backup'],
  13: ['resource-exhausted', 'metadata-full', 'the disk is full; free some space and try again'],
  14: ['forbidden', 'metadata-unopenable', 'its file cannot be opened; check the path and its permissions'],
  26: ['corrupt', 'metadata-corrupt', 'its file is no database; restore it from a backup'],
};

function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error ? (error as { errcode?: unknown }).errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Whether another connection held a lock that was needed. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === busy;
}

/** An error of SQLite translated; any other error comes back as it is. */
export function fromSqlite(error: unknown, path: string): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  const [kind, name, words] = meanings[code] ?? ['internal', 'metadata-sql', `SQLite answered ${code}`];
  return new GantryError(kind, name, `cannot use the metadata in ${path}: ${words}`, {
    subject: { path, sqlite: code },
    cause: error,
  });
}
