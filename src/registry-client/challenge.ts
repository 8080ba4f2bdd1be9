/** One challenge of WWW-Authenticate. Source: RFC 9110 section 11.6.1. */
export interface Challenge {
  /** In lowercase: `bearer`, `basic`. */
  readonly scheme: string;
  /** By lowercase name; the first of equal names counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const spaces = '[ \\t]*';
const quoted = '"(?:[^"\\\\]|\\\\.)*"';
const parameter = new RegExp(
  `${spaces}(${token})${spaces}=${spaces}(${quoted}|${token})${spaces}(?=,|$)`,
  'ys',
);
const scheme = new RegExp(`${spaces}(${token})(?=[ \\t,]|$)`, 'y');
// The other form of credentials: one value instead of parameters (Negotiate).
const token68 = /[ \t]+[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y;
const separators = /[ \t,]*/y;

/** More is no registry. */
const maxLength = 16 * 1024;

/**
 * All challenges of an answer, in order. `header` is the value of each WWW-Authenticate line; each may carry several.
 * Commas and escapes in quoted strings are their content. What is not well formed ends its line and is left out.
 */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  if (header === undefined) return [];
  return (typeof header === 'string' ? [header] : header).flatMap((line) =>
    parseLine(line.slice(0, maxLength)),
  );
}

function parseLine(line: string): Challenge[] {
  const challenges: Challenge[] = [];
  let parameters: Map<string, string> | undefined;
  let at = 0;

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    if (found !== null) at = pattern.lastIndex;
    return found;
  }

  for (;;) {
    take(separators);
    if (at >= line.length) return challenges;
    // A parameter first: `a=b` begins like a scheme.
    const pair = parameters === undefined ? null : take(parameter);
    if (pair?.[1] !== undefined && pair[2] !== undefined) {
      const name = pair[1].toLowerCase();
      if (!parameters?.has(name)) parameters?.set(name, unquote(pair[2]));
      continue;
    }
    const name = take(scheme)?.[1];
    if (name === undefined) return challenges;
    parameters = new Map();
    challenges.push({ scheme: name.toLowerCase(), parameters });
    take(token68);
  }
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value;
}
