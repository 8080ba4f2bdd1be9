import { GantryError } from '#errors';

/** Whether one character is what the pattern asks for at its place. */
type Matcher = (char: string) => boolean;

/** The pattern between two runs of stars. */
interface Chunk {
  readonly afterStar: boolean;
  readonly matchers: readonly Matcher[];
}

/**
 * A shell pattern as Go's `path.Match` reads it: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]` are classes (which
 * do not stop there), `\` takes the next character as it is. The whole text must match.
 *
 * The time that a match takes is bounded by the product of the lengths of pattern and text: a regular expression
 * with many stars would take for ever.
 *
 * @throws invalid-argument `pattern-invalid`
 */
export function parseGlob(pattern: string): (text: string) => boolean {
  const chunks = parseChunks(pattern);
  return (text) => matchChunks(chunks, Array.from(text));
}

function matchChunks(chunks: readonly Chunk[], text: readonly string[]): boolean {
  let at = 0;
  for (const [index, { afterStar, matchers }] of chunks.entries()) {
    const isLast = index === chunks.length - 1;
    // The first place that fits is the best one: a later place would leave less for the chunks that follow.
    for (;;) {
      const end = at + matchers.length;
      const fits = matchers.every((matches, offset) => matches(text[at + offset] ?? ''));
      if (end <= text.length && fits && (!isLast || end === text.length)) {
        at = end;
        break;
      }
      if (!afterStar || at >= text.length || text[at] === '/') return false;
      at++;
    }
  }
  return at === text.length;
}

function parseChunks(pattern: string): readonly Chunk[] {
  const scanner = createScanner(pattern);
  const chunks: Chunk[] = [];
  let matchers: Matcher[] = [];
  let afterStar = false;
  for (let char; (char = scanner.next()) !== undefined;) {
    if (char === '*') {
      if (matchers.length > 0 || !afterStar) chunks.push({ afterStar, matchers });
      matchers = [];
      afterStar = true;
    } else if (char === '?') matchers.push((each) => each !== '/' && each !== '');
    else if (char === '[') matchers.push(parseClass(scanner));
    else matchers.push(equals(char === '\\' ? scanner.need() : char));
  }
  chunks.push({ afterStar, matchers });
  return chunks;
}

/** The class behind a `[`, up to its `]`, which cannot be its first character. */
function parseClass(scanner: Scanner): Matcher {
  const negated = scanner.skip('^');
  const ranges: (readonly [number, number])[] = [];
  do {
    const low = classCharacter(scanner);
    ranges.push([low, scanner.skip('-') ? classCharacter(scanner) : low]);
  } while (!scanner.skip(']'));
  return (char) => {
    const code = char.codePointAt(0);
    if (code === undefined) return false;
    return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
  };
}

function classCharacter(scanner: Scanner): number {
  const char = scanner.need();
  if (char === '-' || char === ']') throw scanner.invalid();
  return (char === '\\' ? scanner.need() : char).codePointAt(0) ?? 0;
}

function equals(wanted: string): Matcher {
  return (char) => char === wanted;
}

interface Scanner {
  next(): string | undefined;
  /** The next character. @throws invalid-argument `pattern-invalid` when there is none */
  need(): string;
  /** Passes the next character if it is `char`; answers whether it was. */
  skip(char: string): boolean;
  invalid(): GantryError;
}

function createScanner(pattern: string): Scanner {
  const characters = Array.from(pattern);
  let at = 0;
  const invalid = () =>
    new GantryError('invalid-argument', 'pattern-invalid', `syntax error in pattern: ${pattern}`, {
      subject: { pattern },
    });
  const next = () => characters[at++];
  return {
    next,
    need() {
      const char = next();
      if (char === undefined) throw invalid();
      return char;
    },
    skip(char) {
      const found = characters[at] === char;
      if (found) at++;
      return found;
    },
    invalid,
  };
}
