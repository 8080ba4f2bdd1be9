import { GantryError } from '#errors';

/**
 * The words of a Dockerfile instruction: quotes, escapes and variables (Dockerfile reference, "Format",
 * "Environment replacement").
 */

/** One character that is its own, an escaped one, or a quoted run. */
const piece = String.raw`\\[^]|\\$|"(?:\\[^]|[^"\\])*"|'[^']*'|[^\s\\"']`;
const word = new RegExp(`(?:${piece})+`, 'g');

/**
 * Splits at white space outside quotes. Quotes and escapes stay in the words.
 *
 * @throws invalid-argument `change-invalid` when a quote is not closed
 */
export function splitWords(text: string): string[] {
  const [open] = /\S/.exec(text.replaceAll(word, '')) ?? [];
  if (open === undefined) return text.match(word) ?? [];
  const name = open === '"' ? 'double-quote' : 'single-quote';
  throw invalid(`unexpected end of statement while looking for matching ${name}`, text);
}

/** Each alternative's groups: an escaped character; single quotes; double quotes; a variable; a `${` that is none. */
const expansion =
  /\\([^])|'([^']*)'|"((?:\\[^]|[^"\\])*)"|\$(?:\{(\w+)(?::([-+])([^}]*))?\}|(\w+))|(\$\{)|[^]/g;

/**
 * A word as it is meant: quotes and escapes taken off, `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}`
 * replaced from `env`, but not within single quotes.
 *
 * @throws invalid-argument `change-invalid` for a `${` that begins none of these
 */
export function expandWord(text: string, env: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    expansion,
    (
      match: string,
      escaped?: string,
      single?: string,
      double?: string,
      braced?: string,
      operator?: string,
      alternative: string = '',
      plain?: string,
      unknown?: string,
    ) => {
      if (escaped !== undefined) return escaped;
      if (single !== undefined) return single;
      if (double !== undefined) return expandWord(keepOtherEscapes(double), env);
      if (unknown !== undefined) throw invalid(`unsupported modifier in substitution: ${text}`, text);
      const name = braced ?? plain;
      if (name === undefined) return match;
      const value = env.get(name) ?? '';
      if (operator === '-') return value === '' ? expandWord(alternative, env) : value;
      if (operator === '+') return value === '' ? '' : expandWord(alternative, env);
      return value;
    },
  );
}

/** Within double quotes a backslash escapes `"`, `$` and itself only (POSIX shell, 2.2.3); `'` is no quote there. */
function keepOtherEscapes(text: string): string {
  return text.replaceAll(/\\(["$\\])|\\|'/g, (match: string, escaped?: string) =>
    escaped === undefined ? `\\${match}` : match,
  );
}

/** The list of a JSON array of strings (the "exec form"), or undefined when the text is none. */
export function parseJsonWords(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined;
  } catch {
    // As docker reads it: what looks like a list and is none is a command for the shell.
    return undefined;
  }
}

/** The error for a change that cannot be made. */
export function invalid(message: string, change: string): GantryError {
  return new GantryError('invalid-argument', 'change-invalid', message, { subject: { change } });
}
