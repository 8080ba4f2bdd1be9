/**
 * The words of a Dockerfile instruction: quotes, escapes and variables (Dockerfile reference, "Format",
 * "Environment replacement").
 */

/** Splits at white space outside quotes. Quotes and escapes stay in the words. */
export function splitWords(text: string): string[] {
  return text.match(/(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s\\"'])+/gs) ?? [];
}

/**
 * A word as it is meant: quotes and escapes taken off, `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}`
 * replaced from `env`, but not within single quotes.
 */
export function expandWord(word: string, env: ReadonlyMap<string, string>): string {
  const pattern = /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"|\$(?:\{(\w+)(?::([-+])([^}]*))?\}|(\w+))|[^]/gs;
  return word.replaceAll(
    pattern,
    (
      match: string,
      escaped?: string,
      single?: string,
      double?: string,
      braced?: string,
      operator?: string,
      alternative: string = '',
      plain?: string,
    ) => {
      if (escaped !== undefined) return escaped;
      if (single !== undefined) return single;
      if (double !== undefined) return expandWord(keepOtherEscapes(double), env);
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
