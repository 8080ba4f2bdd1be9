import type { ImageDeleted } from '#wire';

/** What a pruning of images removed, under a title; empty when that is nothing. */
export function removedImages(removed: readonly ImageDeleted[]): string {
  if (removed.length === 0) return '';
  const lines = removed.map((each) =>
    'Deleted' in each ? `deleted: ${each.Deleted}\n` : `untagged: ${each.Untagged}\n`,
  );
  return `Deleted Images:\n${lines.join('')}`;
}
