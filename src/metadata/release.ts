import type { Digest } from '#oci';
import type { Sql } from './connection.ts';

/** Has a digest that may be needed no more looked at after `review` (milliseconds since 1970). */
export function release(sql: Sql, digest: Digest, review: number): void {
  sql.run(
    'INSERT INTO released (digest, review) VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET review = excluded.review',
    ...[digest, review],
  );
}

/** Removes the link of a blob and releases its digest. Answers whether it was there. */
export function removeLink(
  sql: Sql,
  { repository, digest, review }: { repository: number; digest: Digest; review: number },
): boolean {
  const gone =
    sql.run('DELETE FROM repository_blobs WHERE repository = ? AND digest = ?', repository, digest) > 0;
  if (gone) release(sql, digest, review);
  return gone;
}
