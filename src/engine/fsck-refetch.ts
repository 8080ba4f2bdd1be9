import { GantryError, toError } from '#errors';
import type { ImageRecord } from '#metadata';
import { canonicalName, type Digest, parseReference } from '#oci';
import { fetchBlob } from '#transfer';
import { writeDocument } from './blobs.ts';
import type { Engine } from './engine.ts';

/**
 * Removes a blob that is wrong and fetches it from a repository that was seen to hold it, or that one of the image's
 * names tells of, without credentials.
 *
 * @throws not-found `blob-source` when none of them gives it
 */
export async function refetch(
  engine: Engine,
  {
    image,
    digest,
    isManifest,
    signal,
  }: {
    readonly image: ImageRecord;
    readonly digest: Digest;
    readonly isManifest: boolean;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { content, metadata } = engine;
  await content.delete(digest);
  const named = (await metadata.namesOf(image.id)).map(({ name }) => canonicalName(parseReference(name)));
  const causes: Error[] = [];
  for (const repository of new Set([...(await metadata.sources(digest)), ...named])) {
    try {
      await fetchFrom(engine, repository, { digest, isManifest, signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      causes.push(toError(error));
    }
  }
  throw new GantryError(
    'not-found',
    'blob-source',
    `no known repository gives ${digest}${causes.length === 0 ? '' : ` (${causes.map(({ message }) => message).join('; ')})`}; pull or load the image again`,
    { subject: { digest }, cause: causes[0] },
  );
}

async function fetchFrom(
  { content, registries, limits }: Engine,
  repository: string,
  { digest, isManifest, signal }: { digest: Digest; isManifest: boolean; signal: AbortSignal },
): Promise<void> {
  const { domain, path } = parseReference(repository);
  const registry = registries.open(domain);
  if (isManifest) {
    await writeDocument(content, (await registry.getManifest(path, digest, { signal })).bytes, signal);
    return;
  }
  const found = await registry.headBlob(path, digest, { signal });
  if (found === undefined) {
    throw new GantryError('not-found', 'blob-unknown', `${repository} has no blob ${digest}`);
  }
  const descriptor = { mediaType: 'application/octet-stream', digest, size: found.size };
  const attempts = limits.downloadAttempts;
  await fetchBlob({ reader: registry, repository: path, descriptor, store: content, signal, attempts });
}
