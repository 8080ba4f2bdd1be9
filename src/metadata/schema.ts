import { mirrorSchema } from './mirror-schema.ts';
import { repositoriesSchema } from './repositories-schema.ts';

/**
 * How the database became what it is: the script at index n leads from version n to n + 1, and the version is
 * SQLite's `user_version`. A script that was released is never changed; a new one is appended.
 */
export const migrations: readonly string[] = [
  `
  -- One row. Counts up with each change whose order matters, and is never set back.
  CREATE TABLE counter (value INTEGER NOT NULL) STRICT;
  INSERT INTO counter (value) VALUES (0);

  CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;

  CREATE TABLE images (
    id TEXT PRIMARY KEY,
    hex TEXT NOT NULL,              -- the id without its algorithm, for prefixes
    manifest TEXT NOT NULL,
    created TEXT,
    size INTEGER NOT NULL,
    os TEXT NOT NULL,
    architecture TEXT NOT NULL,
    variant TEXT,
    labels TEXT,                    -- JSON object
    parent TEXT,
    last_tagged INTEGER,            -- milliseconds since 1970
    layers TEXT NOT NULL,           -- JSON array of [blob, diff id, chain id, size]
    content TEXT NOT NULL,          -- JSON array of digests
    revision INTEGER NOT NULL       -- the counter when the row last changed
  ) STRICT;
  CREATE INDEX images_hex ON images (hex);
  CREATE INDEX images_parent ON images (parent);
  CREATE INDEX images_revision ON images (revision);

  -- What images need kept, for looking from the digest to the image: content, diff ids, chain ids.
  CREATE TABLE needs (
    digest TEXT NOT NULL,
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    leads INTEGER NOT NULL,         -- 1 when it is the image's manifest or an index that holds it
    PRIMARY KEY (digest, image)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX needs_image ON needs (image);

  CREATE TABLE names (
    name TEXT PRIMARY KEY,
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    target TEXT NOT NULL
  ) STRICT;
  CREATE INDEX names_image ON names (image);
  CREATE INDEX names_target ON names (target);

  CREATE TABLE blobs (
    blob TEXT PRIMARY KEY,
    diff_id TEXT NOT NULL,
    tar_size INTEGER NOT NULL,
    depends_on_lower INTEGER NOT NULL, -- 1 or 0
    size INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX blobs_diff_id ON blobs (diff_id);

  CREATE TABLE sources (
    blob TEXT NOT NULL,
    repository TEXT NOT NULL,
    seen INTEGER NOT NULL,          -- the counter when it was last seen there
    PRIMARY KEY (blob, repository)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE leases (
    id TEXT PRIMARY KEY,
    until INTEGER NOT NULL          -- milliseconds since 1970
  ) STRICT;
  CREATE TABLE lease_content (
    digest TEXT NOT NULL,
    lease TEXT NOT NULL REFERENCES leases (id) ON DELETE CASCADE,
    PRIMARY KEY (digest, lease)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lease_content_lease ON lease_content (lease);
  `,
  repositoriesSchema,
  mirrorSchema,
];
