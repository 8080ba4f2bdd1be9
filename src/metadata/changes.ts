import { GantryError } from '#errors';
import { digestHex } from '#oci';
import type { Sql } from './connection.ts';
import { toRow } from './image-row.ts';
import type { Change, ImageRecord, NameRecord } from './metadata.ts';

/** Applies one change inside the writer's transaction. @throws not-found `image-not-found` */
export function applyChange(sql: Sql, change: Change): void {
  if ('put' in change) applyPut(sql, change);
  else applyRemove(sql, change);
}

function applyPut(sql: Sql, change: Extract<Change, { put: unknown }>): void {
  switch (change.put) {
    case 'image':
      putImage(sql, change.image);
      return;
    case 'name':
      putName(sql, change.name, change.at);
      return;
    case 'blob': {
      const { blob, diffId, tarSize, dependsOnLower, size } = change.blob;
      sql.run(
        `INSERT INTO blobs (blob, diff_id, tar_size, depends_on_lower, size) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (blob) DO UPDATE SET diff_id = excluded.diff_id, tar_size = excluded.tar_size,
         depends_on_lower = excluded.depends_on_lower, size = excluded.size`,
        ...[blob, diffId, tarSize, dependsOnLower ? 1 : 0, size],
      );
      return;
    }
    case 'source':
      sql.run(
        `INSERT INTO sources (blob, repository, seen) VALUES (?, ?, ?)
         ON CONFLICT (blob, repository) DO UPDATE SET seen = excluded.seen`,
        ...[change.blob, change.repository, count(sql)],
      );
      return;
    case 'setting':
      sql.run(
        'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        ...[change.key, change.value],
      );
  }
}

function applyRemove(sql: Sql, change: Extract<Change, { remove: unknown }>): void {
  switch (change.remove) {
    case 'image':
      // The tables' cascades take its names and needs.
      sql.run('DELETE FROM images WHERE id = ?', change.id);
      return;
    case 'name':
      sql.run('DELETE FROM names WHERE name = ?', change.name);
      return;
    case 'source':
      sql.run('DELETE FROM sources WHERE blob = ? AND repository = ?', change.blob, change.repository);
  }
}

/** The next number of the one order of changes. */
function count(sql: Sql): number {
  const row = sql.get('UPDATE counter SET value = value + 1 RETURNING value') as { value: number };
  return row.value;
}

function putImage(sql: Sql, image: ImageRecord): void {
  const row = { ...toRow(image, count(sql)), hex: digestHex(image.id) };
  const columns = Object.keys(row);
  // Not INSERT OR REPLACE: that deletes the old row first, and its names with it.
  sql.run(
    `INSERT INTO images (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    ...Object.values(row),
  );
  sql.run('DELETE FROM needs WHERE image = ?', image.id);
  const parts = new Set<string>([image.id, ...image.layers.map(({ blob }) => blob)]);
  const needs = new Set([
    ...[image.id, image.manifest],
    ...image.content,
    ...image.layers.flatMap(({ blob, diffId, chainId }) => [blob, diffId, chainId]),
  ]);
  const leads = new Set<string>([image.manifest, ...image.content.filter((digest) => !parts.has(digest))]);
  for (const digest of needs) {
    const values = [digest, image.id, leads.has(digest) ? 1 : 0];
    sql.run('INSERT INTO needs (digest, image, leads) VALUES (?, ?, ?)', ...values);
  }
}

function putName(sql: Sql, { name, image, target }: NameRecord, at: number): void {
  const tagged = 'UPDATE images SET last_tagged = ?, revision = ? WHERE id = ?';
  if (sql.run(tagged, at, count(sql), image) === 0) {
    throw new GantryError(
      'not-found',
      'image-not-found',
      `cannot name image ${image} ${name}: there is no such image; pull or load it again`,
      { subject: { image, name } },
    );
  }
  sql.run(
    `INSERT INTO names (name, image, target) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET image = excluded.image, target = excluded.target`,
    ...[name, image, target],
  );
}
