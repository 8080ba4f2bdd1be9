import { mediaTypes } from '#oci';
import { isRepositoryName, registryError } from '#registry';
import { json, type Answer } from './answer.ts';
import { requireDigest, type Exchange, type Names } from './exchange.ts';
import { linkToNext, pageOf } from './pages.ts';

/** The most of one page. Clients that follow no Link get this many tags at least. */
const mostTags = 10_000;
const mostRepositories = 1000;
const mostReferrers = 1000;

/** Answers the list of tags ("Listing Tags"). */
export async function listTags(exchange: Exchange, { repository }: Names): Promise<Answer> {
  const { registry, query, prefix, signal } = exchange;
  const page = pageOf(query, mostTags);
  const tags = await registry.tagsPage(repository, page, { signal });
  const path = `${prefix}/v2/${repository}/tags/list`;
  const link = linkToNext(tags, { path, query, page, last: tags.items.at(-1) });
  return json(200, { name: repository, tags: tags.items }, link);
}

/** Answers the list of repositories, which distribution has beside the specification. */
export async function listRepositories(exchange: Exchange): Promise<Answer> {
  const { registry, query, prefix, signal } = exchange;
  const page = pageOf(query, mostRepositories);
  const repositories = await registry.repositories(page, { signal });
  const path = `${prefix}/v2/_catalog`;
  const link = linkToNext(repositories, { path, query, page, last: repositories.items.at(-1) });
  return json(200, { repositories: repositories.items }, link);
}

/** Answers the list of referrers ("Listing Referrers"): an index, with nothing in it when there are none. */
export async function listReferrers(exchange: Exchange, { repository, reference }: Names): Promise<Answer> {
  const { registry, query, prefix, signal } = exchange;
  if (!isRepositoryName(repository)) throw registryError('NAME_INVALID', 'invalid repository name');
  const subject = requireDigest(reference);
  const page = pageOf(query, mostReferrers);
  const artifactType = query.get('artifactType') || undefined;
  const referrers = await registry.referrers(repository, subject, { ...page, artifactType }, { signal });
  const path = `${prefix}/v2/${repository}/referrers/${subject}`;
  const manifests = referrers.items.map(({ mediaType, digest, size, ...rest }) => ({
    mediaType,
    digest,
    size,
    artifactType: rest.artifactType,
    annotations: rest.annotations,
  }));
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  return json(200, index, {
    'content-type': mediaTypes.ociIndex,
    ...(artifactType !== undefined && { 'oci-filters-applied': 'artifactType' }),
    ...linkToNext(referrers, { path, query, page, last: referrers.items.at(-1)?.digest }),
  });
}
