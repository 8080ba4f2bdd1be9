/**
 * Whether a repository's path matches one of the patterns: `*` is any part of one component, `**` any number of
 * components (`library/*`, `team/**`).
 */
export function createPathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .split(/(\*\*?)/)
          .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : RegExp.escape(part)))
          .join('')}$`,
      ),
  );
  return (path) => expressions.some((expression) => expression.test(path));
}

/** One label of a host name (RFC 1123 section 2.1), in lowercase. */
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';

/** What an upstream's `domain` may be: a host with optional port, whose labels, but for the last two, may be `*`. */
export function isDomainPattern(text: string): boolean {
  return (
    text.length <= 253 &&
    new RegExp(
      `^(?:${label}(?:\\.${label})*(?::\\d{1,5})?|(?:(?:\\*|${label})\\.)+${label}\\.${label})$`,
    ).test(text)
  );
}

/** Whether a host is what a domain pattern means. Each `*` stands for exactly one label. */
export function matchesDomain(pattern: string, host: string): boolean {
  if (!pattern.includes('*')) return pattern === host;
  const expression = pattern.split('*').map(RegExp.escape).join(label);
  return host.length <= 253 && new RegExp(`^${expression}$`).test(host);
}
