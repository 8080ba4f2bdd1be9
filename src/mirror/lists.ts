import { findError } from '#errors';
import type { Digest } from '#oci';
import { registryError, uploadsPath, type Listed, type Page, type Referrer } from '#registry';
import { createFlights } from './flights.ts';
import type { MirrorParts } from './parts.ts';
import { createRecent } from './recent.ts';
import type { MirroredName } from './upstream.ts';

/** More tags than this are not listed: the largest repositories of Docker Hub have some ten thousand. */
const mostTags = 100_000;

/** Lists of how many repositories are remembered for their `revalidate` time. */
const mostLists = 100;

interface Waits {
  readonly signal?: AbortSignal;
}

/** Lists of mirrored repositories: the upstream's, else of what is here. */
export interface MirroredLists {
  /** One page of the tags, ordered bytewise. @throws not-found `name-unknown` */
  tagsPage(name: MirroredName, page: Page, options?: Waits): Promise<Listed<string>>;
  /**
   * What refers to a manifest, as the upstream says it when it can be asked; what was mirrored itself, otherwise.
   * Clients that get nothing look for a tag made of the digest, which is mirrored as any tag.
   */
  referrers(
    name: MirroredName,
    subject: Digest,
    page: Page & { artifactType?: string | undefined },
    options?: Waits,
  ): Promise<Listed<Referrer>>;
}

export function createMirroredLists({ local, reach, clock, closing }: MirrorParts): MirroredLists {
  const flights = createFlights<readonly string[]>();
  const lists = createRecent<{ at: number; tags: readonly string[] }>(mostLists);

  async function fetchTags(name: MirroredName): Promise<readonly string[]> {
    const tags: string[] = [];
    for await (const tag of reach(name).tags(name.path, { signal: closing })) {
      if (tags.push(tag) >= mostTags) break;
    }
    // Registries list in an order of their own; pages need one that stays.
    tags.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    lists.set(name.name, { at: clock(), tags });
    return tags;
  }

  return {
    async tagsPage(name, page, { signal } = {}) {
      signal?.throwIfAborted();
      uploadsPath(name.name);
      const { mode, revalidate } = name.upstream;
      const listed = lists.get(name.name);
      const isNew = listed !== undefined && mode === 'ttl' && clock() - listed.at < revalidate;
      if (isNew) return cut(listed.tags, page);
      const options = { ...(signal && { signal }) };
      if (mode === 'offline') return local.tagsPage(name.name, page, options);
      try {
        return cut(await flights.join(name.name, () => fetchTags(name), signal), page);
      } catch (error) {
        signal?.throwIfAborted();
        if (findError(error, { kind: 'not-found' }) !== undefined) throw unknownName(name, error);
        if (listed !== undefined) return cut(listed.tags, page);
        return local.tagsPage(name.name, page, options).catch(() => {
          throw error;
        });
      }
    },

    async referrers(name, subject, page, options = {}) {
      options.signal?.throwIfAborted();
      const upstream = reach(name);
      if (upstream.referrers !== undefined && name.upstream.mode !== 'offline') {
        try {
          return await upstream.referrers(name.path, subject, page, options);
        } catch {
          options.signal?.throwIfAborted();
        }
      }
      return local.referrers(name.name, subject, page, options);
    },
  };
}

function cut(tags: readonly string[], { after, limit }: Page): Listed<string> {
  const mark = after === undefined ? undefined : Buffer.from(after);
  const rest = mark === undefined ? tags : tags.filter((tag) => Buffer.compare(Buffer.from(tag), mark) > 0);
  return { items: rest.slice(0, limit), more: limit > 0 && rest.length > limit };
}

function unknownName({ name }: MirroredName, cause: unknown): Error {
  return registryError('NAME_UNKNOWN', 'repository name not known to registry', {
    subject: { repository: name },
    cause,
  });
}
