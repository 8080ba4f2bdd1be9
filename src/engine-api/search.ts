import { searchImages } from '#engine';
import { invalidFilter } from '#wire';
import type * as wire from '#wire';
import { type Answer, json } from './answer.ts';
import { authOf } from './auth.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { booleanFilter, filtersOf, parseInteger, text } from './parameters.ts';
import type { Route } from './router.ts';

async function search(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const form = await exchange.form();
  const filters = filtersOf(form, ['is-automated', 'is-official', 'stars']);
  const official = booleanFilter(filters, 'is-official');
  const automated = booleanFilter(filters, 'is-automated');
  // Docker gave automated builds up: there are none to find (API 1.45).
  if (automated === true) return json([]);
  const stars = Math.max(0, ...(filters.get('stars') ?? []).map(parseStars));
  // The docker command sends 0 for its default.
  const limit = parseInteger(text(form, 'limit') ?? '0');
  const results = await searchImages(engine, form.get('term') ?? '', {
    ...(limit === 0 ? {} : { limit }),
    filters: {
      ...(official === undefined ? {} : { official }),
      stars,
    },
    ...authOf(exchange),
    signal: exchange.signal,
  });
  return json(
    results.map((result): wire.SearchResult => ({
      star_count: result.stars,
      is_official: result.official,
      name: result.name,
      is_automated: false,
      description: result.description,
    })),
  );
}

function parseStars(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw invalidFilter(`invalid filter 'stars=[${value}]'`);
  return Number(value);
}

export const searchRoutes: readonly Route[] = [{ method: 'GET', path: '/images/search', handle: search }];
