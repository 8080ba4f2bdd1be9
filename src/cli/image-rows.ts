import { familiarName, parseReference } from '#oci';
import type { ImageSummary } from '#wire';
import type { Listing } from './format.ts';
import { goTime, shownId, timeAgo } from './time-words.ts';
import { humanSize, humanSizeWithPrecision } from './units.ts';

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

/** The columns of a list of images, by docker's names. */
export function imageColumns(noTrunc: boolean): Listing<ImageRow>['columns'] {
  return {
    ID: { header: 'IMAGE ID', value: ({ image }) => shownId(image.Id, noTrunc) },
    Repository: { header: 'REPOSITORY', value: ({ repository }) => repository },
    Tag: { header: 'TAG', value: ({ tag }) => tag },
    Digest: { header: 'DIGEST', value: ({ digest }) => digest },
    CreatedSince: { header: 'CREATED', value: ({ image }) => timeAgo(image.Created) },
    CreatedAt: { header: 'CREATED AT', value: ({ image }) => goTime(image.Created) },
    Size: { header: 'SIZE', value: ({ image }) => humanSizeWithPrecision(image.Size, 3) },
    Containers: { header: 'CONTAINERS', value: ({ image }) => counted(image.Containers, String) },
    VirtualSize: { header: 'SIZE', value: ({ image }) => humanSize(image.Size) },
    SharedSize: { header: 'SHARED SIZE', value: ({ image }) => counted(image.SharedSize, humanSize) },
    UniqueSize: {
      header: 'UNIQUE SIZE',
      value: ({ image }) => (image.SharedSize < 0 ? 'N/A' : humanSize(image.Size - image.SharedSize)),
    },
  };
}

/** -1 is what a daemon says of what it did not count. */
function counted(count: number, show: (count: number) => string): string {
  return count < 0 ? 'N/A' : show(count);
}
