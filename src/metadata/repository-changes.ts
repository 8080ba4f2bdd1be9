import { GantryError } from '#errors';
import type { Digest } from '#oci';
import type { Sql } from './connection.ts';
import type { Database } from './database.ts';
import type { NewManifest, RepositoryBlob, RepositoryChanges } from './repositories.ts';
import { release, removeLink } from './release.ts';
import { endUpload } from './uploads.ts';

/** Changes of what repositories hold, each in one transaction of `database`. */
export function createRepositoryChanges(database: Database): RepositoryChanges {
  return {
    link: (repository, blob, { upload, review }) =>
      database.write((sql) => {
        endUpload(sql, upload);
        putLink(sql, made(sql, repository), { ...blob, review });
      }),

    mount: (repository, digest, { from, review }) =>
      database.write((sql) => {
        const found = (
          from === undefined
            ? sql.get('SELECT size FROM repository_blobs WHERE digest = ?', digest)
            : sql.get(
                `SELECT size FROM repository_blobs JOIN repositories ON id = repository WHERE name = ? AND digest = ?`,
                ...[from, digest],
              )
        ) as { size: number } | undefined;
        if (found === undefined) return false;
        putLink(sql, made(sql, repository), { digest, size: found.size, review });
        return true;
      }),

    postpone: (repository, digest, review) =>
      database.write((sql) => {
        sql.run(
          `UPDATE repository_blobs SET review = ? WHERE repository = ? AND digest = ? AND review < ?`,
          ...[review, idOf(sql, repository) ?? null, digest, review],
        );
      }),

    put: (repository, manifest, { upload, now }) =>
      database.write((sql) => {
        endUpload(sql, upload);
        const id = made(sql, repository);
        requireBlobs(sql, id, manifest.blobs);
        putManifest(sql, id, { ...manifest, now });
        const known = 'SELECT 1 FROM manifests WHERE repository = ? AND digest = ?';
        return manifest.manifests.filter((digest) => sql.get(known, id, digest) === undefined);
      }),

    removeManifest: (repository, digest, review) =>
      database.write((sql) => {
        const id = idOf(sql, repository) ?? null;
        sql.run(
          `UPDATE repository_blobs SET review = ? WHERE repository = ? AND digest IN
           (SELECT digest FROM manifest_parts WHERE repository = ? AND manifest = ?)`,
          ...[review, id, id, digest],
        );
        // The tables' cascades take its tags and parts.
        const gone = sql.run('DELETE FROM manifests WHERE repository = ? AND digest = ?', id, digest) > 0;
        if (gone) release(sql, digest, review);
        return gone;
      }),

    removeTag: (repository, tag) =>
      database.write(
        (sql) =>
          sql.run(
            'DELETE FROM tags WHERE repository = ? AND tag = ?',
            ...[idOf(sql, repository) ?? null, tag],
          ) > 0,
      ),

    unlink: (repository, digest, review) =>
      database.write((sql) => {
        const id = idOf(sql, repository);
        return id !== undefined && removeLink(sql, { repository: id, digest, review });
      }),
  };
}

function idOf(sql: Sql, repository: string): number | undefined {
  const row = sql.get('SELECT id FROM repositories WHERE name = ?', repository) as { id: number } | undefined;
  return row?.id;
}

function made(sql: Sql, repository: string): number {
  const known = idOf(sql, repository);
  if (known !== undefined) return known;
  sql.run("INSERT INTO repositories (name, description) VALUES (?, '')", repository);
  return idOf(sql, repository) as number;
}

function putLink(
  sql: Sql,
  repository: number,
  { digest, size, review }: RepositoryBlob & { review: number },
): void {
  // A link that a manifest needs is under no review and stays so.
  sql.run(
    `INSERT INTO repository_blobs (repository, digest, size, review) VALUES (?, ?, ?, ?)
     ON CONFLICT (repository, digest) DO UPDATE SET review = max(review, excluded.review)`,
    ...[repository, digest, size, review],
  );
}

function requireBlobs(sql: Sql, repository: number, blobs: readonly Digest[]): void {
  const linked = 'SELECT 1 FROM repository_blobs WHERE repository = ? AND digest = ?';
  const missing = blobs.find((digest) => sql.get(linked, repository, digest) === undefined);
  if (missing === undefined) return;
  throw new GantryError(
    'not-found',
    'manifest-blob-unknown',
    `the manifest needs blob ${missing}, which its repository does not have; push the blob first`,
    { subject: { digest: missing } },
  );
}

function putManifest(sql: Sql, repository: number, manifest: NewManifest & { now: number }): void {
  const { digest, subject, annotations, description, now } = manifest;
  // Not INSERT OR REPLACE: that deletes the old row first, and its tags with it.
  sql.run(
    `INSERT INTO manifests (repository, digest, media_type, size, artifact_type, subject, annotations, pushed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (repository, digest) DO UPDATE SET media_type = excluded.media_type,
     artifact_type = excluded.artifact_type, subject = excluded.subject, annotations = excluded.annotations`,
    ...[repository, digest, manifest.mediaType, manifest.size, manifest.artifactType ?? null],
    subject ?? null,
    subject === undefined || annotations === undefined ? null : JSON.stringify(annotations),
    now,
  );
  sql.run('DELETE FROM manifest_parts WHERE repository = ? AND manifest = ?', repository, digest);
  for (const part of new Set([...manifest.blobs, ...manifest.manifests])) {
    sql.run(
      'INSERT INTO manifest_parts (repository, manifest, digest) VALUES (?, ?, ?)',
      ...[repository, digest, part],
    );
  }
  for (const blob of manifest.blobs) {
    sql.run(
      'UPDATE repository_blobs SET review = NULL WHERE repository = ? AND digest = ?',
      repository,
      blob,
    );
  }
  for (const tag of manifest.tags) {
    sql.run(
      `INSERT INTO tags (repository, tag, digest, pushed) VALUES (?, ?, ?, ?)
       ON CONFLICT (repository, tag) DO UPDATE SET digest = excluded.digest, pushed = excluded.pushed`,
      ...[repository, tag, digest, now],
    );
  }
  if (description !== undefined) {
    sql.run('UPDATE repositories SET description = ? WHERE id = ?', description, repository);
  }
}
