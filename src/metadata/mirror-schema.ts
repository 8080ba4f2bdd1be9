/** The tables of what a mirror remembers. They need no digest kept: the repositories do. */
export const mirrorSchema = `
  CREATE TABLE mirrored_repositories (
    name TEXT PRIMARY KEY           -- a name: it is marked before the repository begins
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tag_checks (
    repository INTEGER NOT NULL,
    tag TEXT NOT NULL,
    checked INTEGER NOT NULL,       -- milliseconds since 1970: when the upstream last said the same
    PRIMARY KEY (repository, tag),
    FOREIGN KEY (repository, tag) REFERENCES tags (repository, tag) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE content_uses (
    repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    used INTEGER NOT NULL,          -- milliseconds since 1970
    PRIMARY KEY (repository, digest)
  ) STRICT, WITHOUT ROWID;
`;
