import { registryError, type Listed, type Page } from '#registry';

/** The page that `n` and `last` ask for, of at most `most`. @throws unsupported `registry-unsupported` for an `n` that is no number */
export function pageOf(query: URLSearchParams, most: number): Page {
  const n = query.get('n');
  const after = query.get('last') ?? undefined;
  if (n === null || n === '') return { after, limit: most };
  if (!/^\d{1,15}$/.test(n))
    throw registryError('UNSUPPORTED', `n is ${JSON.stringify(n.slice(0, 100))} and must be a number`);
  return { after, limit: Math.min(Number(n), most) };
}

/**
 * The Link header to the page behind this one (RFC 8288), with the query that the client sent; none behind the last.
 *
 * @param options.path the list's, with whatever a proxy put before it
 * @param options.last of this page
 */
export function linkToNext(
  { more }: Listed<unknown>,
  { path, query, page, last }: { path: string; query: URLSearchParams; page: Page; last: string | undefined },
): { link?: string } {
  if (!more || last === undefined) return {};
  const next = new URLSearchParams(query);
  next.set('n', String(page.limit));
  next.set('last', last);
  return { link: `<${path}?${next.toString()}>; rel="next"` };
}
