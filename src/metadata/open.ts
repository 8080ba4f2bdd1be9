import { createBlobFacts } from './blobs.ts';
import { applyChange } from './changes.ts';
import { createCollection } from './collection.ts';
import { openDatabase } from './database.ts';
import { createImageFacts } from './images.ts';
import { createLeases } from './leases.ts';
import type { Metadata } from './metadata.ts';
import { createMirrorFacts } from './mirror-facts.ts';
import { createRepositoryChanges } from './repository-changes.ts';
import { createRepositoryFacts } from './repository-facts.ts';
import { createRepositoryReview } from './repository-review.ts';
import { migrations as released } from './schema.ts';
import { createUploadFacts } from './uploads.ts';

/**
 * Opens the facts kept in the SQLite database at `path`, which is made when it is not there and brought up to
 * date when an older Gantry wrote it. `:memory:` keeps them in memory and loses them when disposed. Reads see
 * what was committed before they began and never wait for writers; writers wait for each other in turn. The
 * caller disposes it.
 *
 * @param options.migrations scripts that make the tables, version by version; for tests of the upgrade itself
 * @param options.patience how long to wait for another process that writes, in milliseconds (30 s)
 * @throws unsupported `store-too-new` when a newer Gantry wrote it
 * @throws corrupt `metadata-corrupt`, forbidden `metadata-unopenable`, unavailable `metadata-busy`, `errno-…`
 */
export async function openMetadata({
  path,
  migrations = released,
  patience = 30_000,
}: {
  path: string;
  migrations?: readonly string[];
  patience?: number;
}): Promise<Metadata> {
  const database = await openDatabase({ path, migrations, patience });
  return {
    ...createImageFacts(database),
    ...createBlobFacts(database),
    ...createLeases(database),
    ...createCollection(database),
    repositories: {
      facts: createRepositoryFacts(database),
      changes: createRepositoryChanges(database),
      uploads: createUploadFacts(database),
      review: createRepositoryReview(database),
    },
    mirrored: createMirrorFacts(database),
    commit: (changes) =>
      database.write((sql) => {
        for (const change of changes) applyChange(sql, change);
      }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
