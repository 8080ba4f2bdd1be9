import {
  blobPath,
  registryError,
  uploadsPath,
  type Listed,
  type RegistryCatalog,
  type RegistryLister,
  type RegistryReferrers,
} from '#registry';
import type { RepositoryStore } from './store.ts';

/** How many tags are read at once by who wants them all. */
const pageSize = 1000;

/** Lists what repositories hold, from the metadata's indexes. */
export function createLists(store: RepositoryStore): RegistryLister & RegistryReferrers & RegistryCatalog {
  const { facts } = store.metadata.repositories;

  const tagsPage: RegistryCatalog['tagsPage'] = async (repository, { after, limit }, { signal } = {}) => {
    signal?.throwIfAborted();
    uploadsPath(repository);
    const tags = await facts.tags(repository, { after, limit: limit + 1 });
    if (tags.length === 0 && !(await facts.has(repository))) {
      throw registryError('NAME_UNKNOWN', 'repository name not known to registry', {
        subject: { repository },
      });
    }
    return paged(tags, limit);
  };

  return {
    tagsPage,

    async *tags(repository, { signal } = {}) {
      let after: string | undefined;
      for (;;) {
        const { items, more } = await tagsPage(
          repository,
          { after, limit: pageSize },
          signal === undefined ? {} : { signal },
        );
        yield* items;
        if (!more) return;
        after = items.at(-1);
      }
    },

    async repositories({ after, limit }, { signal } = {}) {
      signal?.throwIfAborted();
      return paged(await facts.list({ after, limit: limit + 1 }), limit);
    },

    async searchRepositories(words, page, { signal } = {}) {
      signal?.throwIfAborted();
      return facts.search(words, page);
    },

    async referrers(repository, subject, page, { signal } = {}) {
      signal?.throwIfAborted();
      blobPath(repository, subject);
      const { items, more } = await facts.referrers(repository, subject, page);
      return {
        items: items.map(({ mediaType, digest, size, artifactType, annotations }) => ({
          mediaType,
          digest,
          size,
          artifactType,
          annotations,
        })),
        more,
      };
    },
  };
}

/** A page of `limit`, made from one item more than that. */
function paged<T>(items: readonly T[], limit: number): Listed<T> {
  return { items: items.slice(0, limit), more: limit > 0 && items.length > limit };
}
