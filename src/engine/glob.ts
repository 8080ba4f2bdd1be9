import { GantryError } from '#errors';

/**
 * A shell pattern as Go's `path.Match` reads it: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]` are classes, `\`
 * takes the next character as it is. The whole text must match.
 *
 * @throws invalid-argument `pattern-invalid`
 */
export function parseGlob(pattern: string): (text: string) => boolean {
  const expression = new RegExp(`^${translate(pattern)}$`, 's');
  return (text) => expression.test(text);
}

function translate(pattern: string): string {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const end = classEnd(pattern, at + 1);
      source += translateClass(pattern.slice(at + 1, end), pattern);
      at = end;
    } else if (char === '\\') {
      at++;
      if (at === pattern.length) throw invalid(pattern);
      source += literal(pattern.charAt(at));
    } else source += literal(char);
  }
  return source;
}

/** Where the class that begins before `from` is closed. */
function classEnd(pattern: string, from: number): number {
  for (let at = from; at < pattern.length; at++) {
    if (pattern.charAt(at) === '\\') at++;
    else if (pattern.charAt(at) === ']' && at > from) return at;
  }
  throw invalid(pattern);
}

function translateClass(body: string, pattern: string): string {
  const negated = body.startsWith('^');
  let ranges = '';
  for (const [, low = '', high] of (negated ? body.slice(1) : body).matchAll(/(\\?.)(?:-(\\?.))?/gs)) {
    ranges += literal(low.slice(-1)) + (high === undefined ? '' : `-${literal(high.slice(-1))}`);
    if (high !== undefined && low.slice(-1) > high.slice(-1)) throw invalid(pattern);
  }
  if (ranges === '') throw invalid(pattern);
  return `(?!/)[${negated ? '^' : ''}${ranges}]`;
}

function literal(char: string): string {
  return char.replace(/[\^$\\.*+?()[\]{}|/-]/, '\\$&');
}

function invalid(pattern: string): GantryError {
  return new GantryError('invalid-argument', 'pattern-invalid', `syntax error in pattern: ${pattern}`, {
    subject: { pattern },
  });
}
