import type { Digest } from '#oci';
import type { Database } from './database.ts';
import type { RepositoryFacts, RepositoryManifest } from './repositories.ts';

interface ManifestRow {
  readonly digest: Digest;
  readonly media_type: string;
  readonly size: number;
  readonly artifact_type: string | null;
  readonly subject: Digest | null;
  readonly annotations: string | null;
}

const manifestColumns =
  'manifests.digest, media_type, manifests.size, artifact_type, subject, manifests.annotations';

function fromRow(row: ManifestRow): RepositoryManifest {
  return {
    digest: row.digest,
    mediaType: row.media_type,
    size: row.size,
    artifactType: row.artifact_type ?? undefined,
    subject: row.subject ?? undefined,
    annotations:
      row.annotations === null ? undefined : (JSON.parse(row.annotations) as Record<string, string>),
  };
}

/** The most that is read of annotations before a page of referrers ends, give or take one manifest. */
const maxPageBytes = 4 * 1024 * 1024;

const inRepository = '(SELECT id FROM repositories WHERE name = ?)';

/** What repositories hold, read from `database`. */
export function createRepositoryFacts(database: Database): RepositoryFacts {
  return {
    has: (repository) =>
      database.read(({ get }) => get('SELECT 1 FROM repositories WHERE name = ?', repository) !== undefined),

    list: ({ after = '', limit }) =>
      database.read(({ all }) =>
        (
          all('SELECT name FROM repositories WHERE name > ? ORDER BY name LIMIT ?', after, limit) as {
            name: string;
          }[]
        ).map(({ name }) => name),
      ),

    search: (words, { skip, limit }) =>
      database.read(({ all, get }) => {
        const matches = `FROM repositories WHERE name || char(10) || description LIKE ? ESCAPE '\\'`;
        const pattern = `%${words.replaceAll(/[\\%_]/g, '\\$&')}%`;
        const { total } = get(`SELECT count(*) AS total ${matches}`, pattern) as { total: number };
        const rows = all(
          `SELECT name, description ${matches} ORDER BY name LIMIT ? OFFSET ?`,
          ...[pattern, limit, skip],
        ) as { name: string; description: string }[];
        return { total, items: rows.map(({ name, description }) => ({ name, description })) };
      }),

    blob: (repository, digest) =>
      database.read(({ get }) => {
        const row = get(
          `SELECT size, review FROM repository_blobs WHERE repository = ${inRepository} AND digest = ?`,
          ...[repository, digest],
        ) as { size: number; review: number | null } | undefined;
        return row && { digest, size: row.size, review: row.review ?? undefined };
      }),

    manifest: (repository, by) =>
      database.read(({ get }) => {
        const row = (
          'tag' in by
            ? get(
                `SELECT ${manifestColumns} FROM tags JOIN manifests USING (repository, digest)
                 WHERE repository = ${inRepository} AND tag = ?`,
                ...[repository, by.tag],
              )
            : get(
                `SELECT ${manifestColumns} FROM manifests WHERE repository = ${inRepository} AND digest = ?`,
                ...[repository, by.digest],
              )
        ) as ManifestRow | undefined;
        return row && fromRow(row);
      }),

    tags: (repository, { after = '', limit }) =>
      database.read(({ all }) =>
        (
          all(
            `SELECT tag FROM tags WHERE repository = ${inRepository} AND tag > ? ORDER BY tag LIMIT ?`,
            ...[repository, after, limit],
          ) as { tag: string }[]
        ).map(({ tag }) => tag),
      ),

    referrers: (repository, subject, { after = '', limit, artifactType }) =>
      database.read(({ get }) => {
        const items: RepositoryManifest[] = [];
        // One by one: annotations are foreign, and a page of the largest would not fit into memory.
        for (let bytes = 0, last = after; ;) {
          const row = get(
            `SELECT ${manifestColumns} FROM manifests
             WHERE repository = ${inRepository} AND subject = ? AND digest > ?
             AND artifact_type IS coalesce(?, artifact_type) ORDER BY digest LIMIT 1`,
            ...[repository, subject, last, artifactType ?? null],
          ) as ManifestRow | undefined;
          if (row === undefined) return { items, more: false };
          if (items.length >= limit || bytes >= maxPageBytes) return { items, more: true };
          items.push(fromRow(row));
          bytes += row.annotations?.length ?? 0;
          last = row.digest;
        }
      }),
  };
}
