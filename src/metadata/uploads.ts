import { GantryError } from '#errors';
import type { Digest } from '#oci';
import type { Sql } from './connection.ts';
import type { Database } from './database.ts';
import type { UploadFacts } from './repositories.ts';
import { release } from './release.ts';

/** Sessions of uploads, kept in `database` so that they outlive the process. */
export function createUploadFacts(database: Database): UploadFacts {
  return {
    start: ({ id, repository, started, digest }) =>
      database.write((sql) => {
        sql.run(
          'INSERT INTO uploads (id, repository, started, digest) VALUES (?, ?, ?, ?)',
          ...[id, repository, started, digest ?? null],
        );
      }),
    isOpen: (id, repository) =>
      database.read(
        ({ get }) =>
          get('SELECT 1 FROM uploads WHERE id = ? AND repository = ?', id, repository) !== undefined,
      ),
    expect: (id, digest) =>
      database.write((sql) => {
        if (sql.run('UPDATE uploads SET digest = ? WHERE id = ?', digest, id) === 0) throw noSuchUpload(id);
      }),
    end: (id, review) =>
      database.write((sql) => {
        const row = sql.get('SELECT digest FROM uploads WHERE id = ?', id) as
          { digest: Digest | null } | undefined;
        sql.run('DELETE FROM uploads WHERE id = ?', id);
        // It may have become a blob just before the process that did it died.
        if (row !== undefined && row.digest !== null) release(sql, row.digest, review);
      }),
    startedBefore: (time, limit) =>
      database.read(({ all }) =>
        (
          all('SELECT id FROM uploads WHERE started < ? ORDER BY started LIMIT ?', time, limit) as {
            id: string;
          }[]
        ).map(({ id }) => id),
      ),
  };
}

/** Ends an upload whose blob is linked in the same transaction. @throws not-found `upload-unknown` when it is over */
export function endUpload(sql: Sql, id: string): void {
  if (sql.run('DELETE FROM uploads WHERE id = ?', id) === 0) throw noSuchUpload(id);
}

function noSuchUpload(id: string): GantryError {
  return new GantryError('not-found', 'upload-unknown', `upload ${id} is over; begin a new one`, {
    subject: { upload: id },
  });
}
