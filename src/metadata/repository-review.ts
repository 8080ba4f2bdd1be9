import type { Digest } from '#oci';
import { isNeeded } from './collection.ts';
import type { Sql } from './connection.ts';
import type { Database } from './database.ts';
import { release, removeLink } from './release.ts';
import type { Findings, RepositoryReview } from './repositories.ts';

/** The review of what repositories no longer need, in `database`. */
export function createRepositoryReview(database: Database): RepositoryReview {
  return {
    settle: (now, { limit, next }) => database.write((sql) => settle(sql, { now, limit, next })),

    due: (now) =>
      database.write((sql) => {
        // What would be done is done and taken back: nothing else would be sure to find the same.
        sql.script('SAVEPOINT dry_run');
        const findings = settle(sql, { now, limit: Number.MAX_SAFE_INTEGER, next: now });
        sql.script('ROLLBACK TO dry_run; RELEASE dry_run');
        return findings;
      }),
  };
}

function settle(sql: Sql, { now, limit, next }: { now: number; limit: number; next: number }): Findings {
  const links = dueLinks(sql, now, limit);
  for (const { id, digest } of links.needed) {
    sql.run('UPDATE repository_blobs SET review = NULL WHERE repository = ? AND digest = ?', id, digest);
  }
  for (const { id, digest } of links.unneeded) removeLink(sql, { repository: id, digest, review: now });
  sql.run(`DELETE FROM repositories
    WHERE NOT EXISTS (SELECT 1 FROM repository_blobs WHERE repository = repositories.id)
    AND NOT EXISTS (SELECT 1 FROM manifests WHERE repository = repositories.id)`);
  const digests = dueDigests(sql, now, limit);
  // What needs it now may be a lease, which ends without a word.
  for (const digest of digests.needed) release(sql, digest, next);
  return {
    links: links.unneeded.map(({ name, digest }) => ({ repository: name, digest })),
    digests: digests.unneeded,
  };
}

interface Link {
  readonly id: number;
  readonly name: string;
  readonly digest: Digest;
}

/** Links whose review is due, by whether a manifest of their repository needs them. */
function dueLinks(sql: Sql, now: number, limit: number): { needed: Link[]; unneeded: Link[] } {
  const links = sql.all(
    `SELECT id, name, digest FROM repository_blobs JOIN repositories ON id = repository
     WHERE review IS NOT NULL AND review <= ? ORDER BY review LIMIT ?`,
    ...[now, limit],
  ) as Link[];
  const using = 'SELECT 1 FROM manifest_parts WHERE repository = ? AND digest = ?';
  return divide(links, ({ id, digest }) => sql.get(using, id, digest) !== undefined);
}

/** Released digests whose review is due, by whether anything needs them. */
function dueDigests(sql: Sql, now: number, limit: number): { needed: Digest[]; unneeded: Digest[] } {
  const rows = sql.all(
    'SELECT digest FROM released WHERE review <= ? ORDER BY review LIMIT ?',
    ...[now, limit],
  ) as { digest: Digest }[];
  const digests = rows.map(({ digest }) => digest);
  return divide(digests, (digest) => isNeeded(sql, digest));
}

function divide<T>(items: readonly T[], isWanted: (item: T) => boolean): { needed: T[]; unneeded: T[] } {
  const { needed = [], unneeded = [] } = Object.groupBy(items, (item) =>
    isWanted(item) ? 'needed' : 'unneeded',
  );
  return { needed, unneeded };
}
