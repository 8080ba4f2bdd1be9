import { GantryError } from '#errors';
import { readText, unexpected } from './answer.ts';
import { createEndpoint } from './endpoint.ts';
import { hubIndex, isHub } from './hosts.ts';
import type { Network } from './network.ts';
import { basicHeader, type RegistryCredentials } from './token.ts';
import type { Answer } from './transport.ts';

export interface SearchQuery {
  readonly term: string;
  /** 1 to 100. */
  readonly limit: number;
  readonly auth?: RegistryCredentials;
  readonly signal?: AbortSignal;
}

export interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
  readonly automated: boolean;
}

/**
 * Searches a registry by Docker's first protocol, `GET /v1/search?q=&n=`, which Docker Hub and Quay still speak.
 * Source: moby daemon/pkg/registry/search.go.
 *
 * @throws corrupt `registry-answer` when it does not speak it; what the transport throws
 */
export async function searchImages(
  network: Network,
  domain: string,
  { term, limit, auth, signal }: SearchQuery,
): Promise<SearchResult[]> {
  const host = isHub(domain) ? hubIndex : domain;
  const endpoint = createEndpoint(network, {
    // The search of a domain may be elsewhere than its registry.
    domain: `search ${host}`,
    origins: () =>
      isHub(domain) ? Promise.resolve([new URL(`https://${host}/`)]) : network.hosts.origins(host),
    credentials: auth,
  });
  const call = { method: 'GET', scopes: ['registry:catalog:search'], signal } as const;
  let authorization = auth && basicHeader(auth);
  if (!isHub(domain)) {
    const ping = await endpoint.send({ ...call, target: '/v1/_ping' });
    if (!isStandalone(ping.header('x-docker-registry-standalone'))) authorization = undefined;
    await ping.discard();
  }
  const query = new URLSearchParams({ q: term.replace(/^library\//, ''), n: String(limit) }).toString();
  const headers = { 'x-docker-token': 'true' };
  const answer = await endpoint.send({ ...call, target: `/v1/search?${query}`, headers, authorization });
  if (answer.status !== 200) {
    await answer.discard();
    throw new GantryError('corrupt', 'registry-answer', `Unexpected status code ${answer.status}`, {
      subject: { registry: answer.url.host, status: answer.status },
    });
  }
  return parseResults(answer, await readText(answer));
}

/** Whether the index is the registry itself, and so wants its credentials. It is, unless it says no. */
function isStandalone(header: string | undefined): boolean {
  return header === undefined || header === '1' || header.toLowerCase() === 'true';
}

function parseResults(answer: Answer, text: string): SearchResult[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw unexpected(answer, 'no search results');
  }
  const results = (document as { results?: unknown } | null)?.results;
  if (!Array.isArray(results)) throw unexpected(answer, 'no search results');
  return results.flatMap((result: unknown) => {
    const fields = (result ?? {}) as Record<string, unknown>;
    const { name, description, star_count: stars } = fields;
    if (typeof name !== 'string') return [];
    return [
      {
        name,
        description: typeof description === 'string' ? description : '',
        stars: typeof stars === 'number' ? stars : 0,
        official: fields['is_official'] === true,
        automated: fields['is_automated'] === true,
      },
    ];
  });
}
