import { tagsPath, type RegistryLister } from '#registry';
import { readText, unexpected } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { isAtHome, locate } from './redirect.ts';
import { persist } from './retry.ts';
import { pullScope } from './scope.ts';
import type { Answer } from './transport.ts';

/** What one page is asked for, and how many pages there can be: ten million tags are an endless list. */
const pageSize = 1000;
const mostPages = 10_000;

interface Page {
  readonly names: string[];
  readonly next: URL | undefined;
  readonly answer: Answer;
}

/** Lists one registry. */
export function createLister(endpoint: Endpoint): RegistryLister {
  async function* tags(
    repository: string,
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncGenerator<string> {
    let target: string | URL = tagsPath(repository, pageSize);
    for (let pages = 1; ; pages++) {
      const page: Page = await persist(endpoint, signal, () => fetchPage(repository, target, signal));
      yield* page.names;
      if (page.next === undefined) return;
      if (pages === mostPages || page.next.href === page.answer.url.href) {
        throw unexpected(page.answer, 'a list of tags that does not end');
      }
      target = page.next;
    }
  }

  async function fetchPage(
    repository: string,
    target: string | URL,
    signal: AbortSignal | undefined,
  ): Promise<Page> {
    const scopes = [pullScope(repository)];
    const headers = { accept: 'application/json' };
    const answer = await endpoint.send({ method: 'GET', target, scopes, headers, signal });
    if (answer.status !== 200) throw await endpoint.failure(answer, 'NAME_UNKNOWN');
    const names = parseTags(await readText(answer));
    if (names === undefined) throw unexpected(answer, 'no list of tags');
    const link = nextLink(answer.header('link'));
    if (link === undefined) return { names, next: undefined, answer };
    const next = await locate(endpoint.network, answer.url, link);
    if (!isAtHome(next, answer.url)) throw unexpected(answer, `a next page on another host (${next.host})`);
    return { names, next, answer };
  }

  return { tags };
}

/** The target of the link with `rel="next"` (RFC 8288), which may be relative. */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next(?:\s[^"]*)?")/i.test(parameters)) return target;
  }
  return undefined;
}

function parseTags(text: string): string[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const tags =
    typeof document === 'object' && document !== null ? (document as { tags?: unknown }).tags : undefined;
  // Null is how Go writes an empty list.
  if (tags === null) return [];
  return Array.isArray(tags) && tags.every((tag) => typeof tag === 'string') ? tags : undefined;
}
