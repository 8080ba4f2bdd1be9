// Two mistakes are what a slip of the hand makes; more would suggest words that mean something else.
const maxDistance = 2;

/** The word of `words` nearest to `word`, or undefined when none is within `most` mistakes. */
export function nearest(
  word: string,
  words: Iterable<string>,
  { most = maxDistance }: { most?: number } = {},
): string | undefined {
  let best: string | undefined;
  // A word of two letters is two mistakes away from every other one.
  let least = Math.min(most, word.length - 1) + 1;
  for (const candidate of words) {
    const distance = editDistance(word, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** The insertions, deletions and replacements from one word to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
