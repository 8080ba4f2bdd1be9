import { GantryError } from '#errors';
import { parseReference } from '#oci';
import type { Engine, RegistryAuth, SearchResult } from './engine.ts';

export interface SearchFilters {
  readonly official?: boolean;
  readonly automated?: boolean;
  /** At least so many. */
  readonly stars?: number;
}

/**
 * Searches a registry's own index: Docker Hub's, or that of the host with which the term begins.
 *
 * @throws invalid-argument `search-limit`, `search-term`; what Registries.search throws
 */
export async function searchImages(
  engine: Engine,
  term: string,
  {
    limit = 25,
    filters = {},
    ...rest
  }: { limit?: number; filters?: SearchFilters; auth?: RegistryAuth; signal?: AbortSignal } = {},
): Promise<readonly SearchResult[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new GantryError(
      'invalid-argument',
      'search-limit',
      `limit ${limit} is outside the range of [1, 100]`,
    );
  }
  if (term.includes('://')) {
    throw new GantryError(
      'invalid-argument',
      'search-term',
      `invalid repository name: repository name (${term}) should not have a scheme`,
    );
  }
  const { domain, words } = splitTerm(term);
  const results = await engine.registries.search(domain, { term: words, limit, ...rest });
  return results.filter(
    ({ official, automated, stars }) =>
      (filters.official ?? official) === official &&
      (filters.automated ?? automated) === automated &&
      stars >= (filters.stars ?? 0),
  );
}

/** The host, when the part before the first slash looks like one (moby registry/search.go, `splitReposSearchTerm`). */
function splitTerm(term: string): { domain: string; words: string } {
  const at = term.indexOf('/');
  const host = term.slice(0, Math.max(at, 0));
  if (!/[.:]/.test(host) && host !== 'localhost') return { domain: 'docker.io', words: term };
  return { domain: parseReference(`${host}/x`).domain, words: term.slice(at + 1) };
}
