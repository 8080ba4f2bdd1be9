/**
 * The tables of the registry's repositories. Which digests they need kept: `repository_blobs.digest`,
 * `manifests.digest` and `uploads.digest`.
 */
export const repositoriesSchema = `
  CREATE TABLE repositories (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL       -- from the newest manifest that has one
  ) STRICT;

  -- A blob can be read in the repositories that link it, and in no other.
  CREATE TABLE repository_blobs (
    repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    review INTEGER,                 -- milliseconds since 1970: when to look whether a manifest needs it; null while one does
    PRIMARY KEY (repository, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX repository_blobs_digest ON repository_blobs (digest);
  CREATE INDEX repository_blobs_review ON repository_blobs (review) WHERE review IS NOT NULL;

  CREATE TABLE manifests (
    repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    artifact_type TEXT,
    subject TEXT,
    annotations TEXT,               -- JSON object, of manifests with a subject only: the list of referrers shows them
    pushed INTEGER NOT NULL,        -- milliseconds since 1970
    PRIMARY KEY (repository, digest)
  ) STRICT;
  CREATE INDEX manifests_digest ON manifests (digest);
  CREATE INDEX manifests_subject ON manifests (repository, subject, digest) WHERE subject IS NOT NULL;

  -- What a manifest refers to: config and layers, or the manifests of an index.
  CREATE TABLE manifest_parts (
    repository INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (repository, manifest, digest),
    FOREIGN KEY (repository, manifest) REFERENCES manifests (repository, digest) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX manifest_parts_digest ON manifest_parts (repository, digest);

  CREATE TABLE tags (
    repository INTEGER NOT NULL,
    tag TEXT NOT NULL,
    digest TEXT NOT NULL,
    pushed INTEGER NOT NULL,        -- milliseconds since 1970
    PRIMARY KEY (repository, tag),
    FOREIGN KEY (repository, digest) REFERENCES manifests (repository, digest) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tags_digest ON tags (repository, digest);

  CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    repository TEXT NOT NULL,       -- a name: a repository begins with its first blob
    started INTEGER NOT NULL,       -- milliseconds since 1970
    digest TEXT                     -- what it is about to become, which is kept for it
  ) STRICT;
  CREATE INDEX uploads_digest ON uploads (digest) WHERE digest IS NOT NULL;
  CREATE INDEX uploads_started ON uploads (started);

  -- What a repository gave up, and nothing may need any more.
  CREATE TABLE released (
    digest TEXT PRIMARY KEY,
    review INTEGER NOT NULL         -- milliseconds since 1970: when to look
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX released_review ON released (review);
`;
