import type { Database } from './database.ts';
import type { MirroredContent, MirrorFacts } from './mirrored.ts';

/** All that marked repositories hold. */
const held = `
  SELECT parts.kind, repositories.name AS repository, parts.digest, parts.size, coalesce(uses.used, 0) AS used
  FROM (SELECT 'blob' AS kind, repository, digest, size FROM repository_blobs
    UNION ALL SELECT 'manifest', repository, digest, size FROM manifests) AS parts
  JOIN repositories ON repositories.id = parts.repository
  JOIN mirrored_repositories ON mirrored_repositories.name = repositories.name
  LEFT JOIN content_uses AS uses ON uses.repository = parts.repository AND uses.digest = parts.digest`;

/** What a mirror remembers, in `database`. */
export function createMirrorFacts(database: Database): MirrorFacts {
  return {
    mark: (repository) =>
      database.write((sql) => {
        sql.run('INSERT INTO mirrored_repositories (name) VALUES (?) ON CONFLICT DO NOTHING', repository);
      }),

    checked: (repository, tag) =>
      database.read(({ get }) => {
        const row = get(
          'SELECT checked FROM tag_checks JOIN repositories ON id = repository WHERE name = ? AND tag = ?',
          ...[repository, tag],
        ) as { checked: number } | undefined;
        return row?.checked;
      }),

    check: (repository, tag, at) =>
      database.write((sql) => {
        sql.run(
          `INSERT INTO tag_checks (repository, tag, checked)
           SELECT repository, tag, ? FROM tags JOIN repositories ON id = repository WHERE name = ? AND tag = ?
           ON CONFLICT (repository, tag) DO UPDATE SET checked = excluded.checked`,
          ...[at, repository, tag],
        );
      }),

    use: (uses) =>
      database.write((sql) => {
        for (const { repository, digest, at } of uses) {
          sql.run(
            `INSERT INTO content_uses (repository, digest, used) SELECT id, ?, ? FROM repositories WHERE name = ?
             ON CONFLICT (repository, digest) DO UPDATE SET used = max(used, excluded.used)`,
            ...[digest, at, repository],
          );
        }
      }),

    tidy: () =>
      database.write((sql) => {
        sql.run(`DELETE FROM content_uses WHERE (repository, digest) NOT IN
          (SELECT repository, digest FROM repository_blobs UNION ALL SELECT repository, digest FROM manifests)`);
      }),

    bytes: () =>
      database.read(({ get }) => {
        const row = get(
          `SELECT coalesce(sum(size), 0) AS bytes FROM (SELECT DISTINCT digest, size FROM (${held}))`,
        );
        return (row as { bytes: number }).bytes;
      }),

    unused: ({ before, after, limit }) =>
      database.read(
        ({ all }) =>
          all(
            `SELECT * FROM (${held}) WHERE used < ? AND (used, repository, digest) > (?, ?, ?)
             ORDER BY used, repository, digest LIMIT ?`,
            ...[before, after?.used ?? -1, after?.repository ?? '', after?.digest ?? '', limit],
          ) as MirroredContent[],
      ),
  };
}
