import { join } from 'node:path';
import { digestAlgorithm, digestHex, isDigest, type Digest, type DigestAlgorithm } from '#oci';

/** The algorithms that have a folder in `blobs/`. */
export const algorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512'];

/** Where things lie below the store's directory. `blobs/` is that of an OCI layout (image-layout.md, "Blobs"). */
export interface Layout {
  readonly blobs: (algorithm: DigestAlgorithm) => string;
  readonly blob: (digest: Digest) => string;
  readonly ingests: string;
  readonly ingest: (digest: Digest) => string;
  readonly uploads: string;
  readonly upload: (id: string) => string;
}

/** The layout of the store in `directory`. */
export function layoutOf(directory: string): Layout {
  const blobs = (algorithm: DigestAlgorithm): string => join(directory, 'blobs', algorithm);
  const ingests = join(directory, 'ingests');
  const uploads = join(directory, 'uploads');
  return {
    blobs,
    blob: (digest) => join(blobs(digestAlgorithm(digest)), digestHex(digest)),
    ingests,
    ingest: (digest) => join(ingests, digest.replace(':', '-')),
    uploads,
    upload: (id) => join(uploads, id),
  };
}

/** The digest that the ingest in the folder `name` is for; undefined when the folder is none of ours. */
export function ingestDigest(name: string): Digest | undefined {
  const digest = name.replace('-', ':');
  return isDigest(digest) ? digest : undefined;
}
