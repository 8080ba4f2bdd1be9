import { searchImages } from '#engine';
import { GantryError } from '#errors';
import { invalidFilter } from '#wire';
import type * as wire from '#wire';
import { type Answer, json } from './answer.ts';
import { authOf } from './auth.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { booleanFilter, filtersOf, text } from './parameters.ts';
import type { Route } from './router.ts';

async function search(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const form = await exchange.form();
  const filters = filtersOf(form, ['is-automated', 'is-official', 'stars']);
  const official = booleanFilter(filters, 'is-official');
  const automated = booleanFilter(filters, 'is-automated');
  const stars = Math.max(0, ...(filters.get('stars') ?? []).map(parseStars));
  // The docker command sends 0 for its default.
  const limit = parseInteger(text(form, 'limit') ?? '0');
  const results = await searchImages(engine, form.get('term') ?? '', {
    ...(limit === 0 ? {} : { limit }),
    filters: {
      ...(official === undefined ? {} : { official }),
      ...(automated === undefined ? {} : { automated }),
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
      is_automated: result.automated,
      description: result.description,
    })),
  );
}

function parseStars(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw invalidFilter(`invalid filter 'stars=[${value}]'`);
  return Number(value);
}

/** @throws invalid-argument `integer-invalid`, in Go's words */
function parseInteger(value: string): number {
  if (/^-?\d{1,9}$/.test(value)) return Number(value);
  throw new GantryError(
    'invalid-argument',
    'integer-invalid',
    `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`,
  );
}

export const searchRoutes: readonly Route[] = [{ method: 'GET', path: '/images/search', handle: search }];
