import { json, type Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';

/** What `docker search` asks for at most. */
const mostResults = 100;
const defaultResults = 25;

/** Answers the ping of the first protocol: `docker search` asks here whether to send its credentials. */
export function pingSearch(): Answer {
  return json(200, { standalone: true }, { 'x-docker-registry-standalone': 'true' });
}

/** Answers a search as Docker's index does (moby daemon/pkg/registry/search.go), with Quay's fields for pages. */
export async function search({ registry, query, signal }: Exchange): Promise<Answer> {
  const words = query.get('q') ?? '';
  const limit = whole(query.get('n'), { least: 1, most: mostResults, without: defaultResults });
  const page = whole(query.get('page'), {
    least: 1,
    most: Number.MAX_SAFE_INTEGER / mostResults,
    without: 1,
  });
  const { total, items } = await registry.searchRepositories(
    words,
    { skip: (page - 1) * limit, limit },
    { signal },
  );
  return json(200, {
    query: words,
    num_results: total,
    num_pages: Math.ceil(total / limit),
    page,
    page_size: limit,
    results: items.map(({ name, description }) => ({
      name,
      description,
      star_count: 0,
      is_official: false,
      is_automated: false,
    })),
  });
}

function whole(
  text: string | null,
  { least, most, without }: { least: number; most: number; without: number },
): number {
  const value = text === null || !/^\d{1,15}$/.test(text) ? without : Number(text);
  return Math.min(Math.max(value, least), Math.floor(most));
}
