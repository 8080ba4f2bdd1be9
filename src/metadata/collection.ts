import type { Digest } from '#oci';
import type { Sql } from './connection.ts';
import type { Database } from './database.ts';
import type { Collection } from './metadata.ts';

/** How long one transaction of a sweep keeps other writers waiting, in milliseconds, plus one removal. */
const turn = 500;

/** The collection of what nothing in `database` needs. */
export function createCollection(database: Database): Collection {
  return {
    async sweep(candidates, now, remove) {
      const removed: Digest[] = [];
      const pending = [...new Set(candidates)].reverse();
      do {
        // Each digest is judged and removed under one lock; after a turn the other writers have theirs.
        const failure = await database.write(async (sql) => {
          sql.run('DELETE FROM leases WHERE until < ?', now);
          const deadline = performance.now() + turn;
          while (performance.now() < deadline) {
            const digest = pending.pop();
            if (digest === undefined) break;
            if (isNeeded(sql, digest)) continue;
            try {
              await remove(digest);
            } catch (error) {
              // Returned, not thrown: what was removed before stays removed, and the facts must say so.
              return { error };
            }
            forget(sql, digest);
            removed.push(digest);
          }
          return undefined;
        });
        if (failure !== undefined) throw failure.error;
      } while (pending.length > 0);
      return removed;
    },

    async unneeded(candidates, now) {
      const found: Digest[] = [];
      const pending = [...new Set(candidates)].reverse();
      do {
        await database.write((sql) => {
          // As a sweep would begin; a lease that has ended holds nothing.
          sql.run('DELETE FROM leases WHERE until < ?', now);
          const deadline = performance.now() + turn;
          while (performance.now() < deadline) {
            const digest = pending.pop();
            if (digest === undefined) break;
            if (!isNeeded(sql, digest) && !isReviewedLater(sql, digest, now)) found.push(digest);
          }
        });
      } while (pending.length > 0);
      return found;
    },
  };
}

function isReviewedLater(sql: Sql, digest: Digest, now: number): boolean {
  return sql.get('SELECT 1 FROM released WHERE digest = ? AND review > ?', digest, now) !== undefined;
}

/** Whether an image, a name, a lease, a repository or an upload needs `digest`. */
export function isNeeded(sql: Sql, digest: Digest): boolean {
  const needed = sql.get(
    `WITH wanted (digest) AS (VALUES (?)) SELECT 1 FROM wanted
     WHERE EXISTS (SELECT 1 FROM needs WHERE needs.digest = wanted.digest)
     OR EXISTS (SELECT 1 FROM names WHERE names.target = wanted.digest)
     OR EXISTS (SELECT 1 FROM lease_content WHERE lease_content.digest = wanted.digest)
     OR EXISTS (SELECT 1 FROM repository_blobs WHERE repository_blobs.digest = wanted.digest)
     OR EXISTS (SELECT 1 FROM manifests WHERE manifests.digest = wanted.digest)
     OR EXISTS (SELECT 1 FROM uploads WHERE uploads.digest = wanted.digest)`,
    digest,
  );
  return needed !== undefined;
}

function forget(sql: Sql, digest: Digest): void {
  sql.run('DELETE FROM blobs WHERE blob = ?', digest);
  sql.run('DELETE FROM sources WHERE blob = ?', digest);
  sql.run('DELETE FROM released WHERE digest = ?', digest);
}
