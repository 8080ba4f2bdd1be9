import { familiarName, parseReference } from '#oci';
import type { ImageSummary } from '#wire';

/** One line of a list of images. */
export interface ImageRow {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** Docker's word for what is not there. */
export const none = '<none>';

/**
 * The lines of an image: one a tag, and with `digests` one for each digest of the tag's repository. An image
 * without a name has one line (docker/cli command/formatter/image.go).
 */
export function imageRows(image: ImageSummary, digests: boolean): ImageRow[] {
  const tags = byRepository(image.RepoTags ?? []);
  const digestsOf = byRepository(image.RepoDigests ?? []);
  const rows: ImageRow[] = [];
  for (const [repository, own] of tags) {
    const shown = digests ? (digestsOf.get(repository) ?? []) : [];
    digestsOf.delete(repository);
    for (const tag of own) {
      for (const digest of shown.length > 0 ? shown : [none]) rows.push({ image, repository, tag, digest });
    }
  }
  for (const [repository, own] of digestsOf) {
    for (const digest of digests ? own : [none]) rows.push({ image, repository, tag: none, digest });
  }
  return rows.length > 0 ? rows : [{ image, repository: none, tag: none, digest: none }];
}

/** Tags or digests by familiar repository. Daemons of old write `<none>:<none>` for an image without a name. */
function byRepository(references: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const text of references) {
    if (text.startsWith(none)) continue;
    const reference = parseReference(text);
    const repository = familiarName(reference);
    found.set(repository, [...(found.get(repository) ?? []), reference.digest ?? reference.tag ?? none]);
  }
  return found;
}
