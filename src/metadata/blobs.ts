import type { Digest } from '#oci';
import type { Database } from './database.ts';
import type { BlobFacts, BlobRecord } from './metadata.ts';

interface BlobRow {
  readonly blob: Digest;
  readonly diff_id: Digest;
  readonly tar_size: number;
  readonly depends_on_lower: number;
  readonly size: number;
}

/** What is known of blobs, their sources and the settings, read from `database`. */
export function createBlobFacts(database: Database): BlobFacts {
  const blobs = (where: string, digest: Digest): Promise<BlobRecord[]> =>
    database.read(({ all }) =>
      (all(`SELECT * FROM blobs WHERE ${where} = ? ORDER BY blob`, digest) as BlobRow[]).map(
        (row): BlobRecord => ({
          blob: row.blob,
          diffId: row.diff_id,
          tarSize: row.tar_size,
          dependsOnLower: row.depends_on_lower === 1,
          size: row.size,
        }),
      ),
    );
  return {
    blob: async (blob) => (await blobs('blob', blob))[0],
    blobsByDiffId: (diffId) => blobs('diff_id', diffId),
    sources: (blob) =>
      database.read(({ all }) =>
        (
          all('SELECT repository FROM sources WHERE blob = ? ORDER BY seen DESC', blob) as {
            repository: string;
          }[]
        ).map(({ repository }) => repository),
      ),
    setting: (key) =>
      database.read(({ get }) => {
        const row = get('SELECT value FROM settings WHERE key = ?', key) as { value: string } | undefined;
        return row?.value;
      }),
  };
}
