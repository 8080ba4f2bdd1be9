import { GantryError } from '#errors';
import { isDigest, type Digest } from '#oci';

// Distribution-spec 1.1, "Pulling manifests": the grammars of <name> and of <reference> as a tag.
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const nameGrammar = new RegExp(`^${component}(?:/${component})*$`);
const tagGrammar = /^\w[\w.-]{0,127}$/;

/** Whether `text` can be the path of a repository: lowercase components of at most 255 characters in all. */
export function isRepositoryName(text: string): boolean {
  return nameGrammar.test(text) && text.length <= 255;
}

/** Whether `text` can be a tag. */
export function isTag(text: string): boolean {
  return tagGrammar.test(text);
}

/** What stands before every path of one repository. The grammar keeps `..`, `?` and the like out of the URL. */
function base(repository: string): string {
  if (isRepositoryName(repository)) return `/v2/${repository}`;
  throw new GantryError(
    'invalid-argument',
    'name-invalid',
    `${JSON.stringify(repository)} names no repository`,
  );
}

/** Where a manifest is read and written. `reference` is a tag or a digest. @throws invalid-argument `name-invalid`, `tag-invalid` */
export function manifestPath(repository: string, reference: string): string {
  if (!isTag(reference) && !isDigest(reference)) {
    throw new GantryError(
      'invalid-argument',
      'tag-invalid',
      `${JSON.stringify(reference)} is neither a tag nor a digest`,
    );
  }
  return `${base(repository)}/manifests/${reference}`;
}

/** Where a blob is read. @throws invalid-argument `name-invalid` */
export function blobPath(repository: string, digest: Digest): string {
  return `${base(repository)}/blobs/${digest}`;
}

/**
 * Where an upload begins; with `mount`, where a blob of another repository is linked.
 *
 * @throws invalid-argument `name-invalid`
 */
export function uploadsPath(repository: string, mount?: { digest: Digest; from: string }): string {
  const path = `${base(repository)}/blobs/uploads/`;
  if (mount === undefined) return path;
  base(mount.from);
  return `${path}?${new URLSearchParams({ mount: mount.digest, from: mount.from }).toString()}`;
}

/** The first page of the tags, of at most `pageSize`. @throws invalid-argument `name-invalid` */
export function tagsPath(repository: string, pageSize: number): string {
  return `${base(repository)}/tags/list?n=${pageSize}`;
}
