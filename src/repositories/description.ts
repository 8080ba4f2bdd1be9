import type { ManifestFacts } from './manifest.ts';
import type { RepositoryStore } from './store.ts';

/** Source: image-spec annotations.md. Builders write it as a label of the config. */
const key = 'org.opencontainers.image.description';

/** A search shows one line. */
const maxLength = 500;

/** Configs are a few kB; a larger one is not read for its description. */
const maxConfigBytes = 1024 * 1024;

/**
 * What an image says that it is, in its annotations or in the labels of its config; undefined when it says nothing.
 * What is about another manifest does not describe the repository.
 */
export async function descriptionOf(
  store: RepositoryStore,
  { subject, annotations, config }: ManifestFacts,
): Promise<string | undefined> {
  if (subject !== undefined) return undefined;
  const text = annotations?.[key] ?? (config && (await labelOf(store, config)));
  return text?.replaceAll(/\s+/g, ' ').trim().slice(0, maxLength);
}

async function labelOf(
  { content }: RepositoryStore,
  { digest, size }: NonNullable<ManifestFacts['config']>,
): Promise<string | undefined> {
  const blob = await content.stat(digest);
  if (blob?.size !== size || size > maxConfigBytes) return undefined;
  try {
    const text = Buffer.concat(await Array.fromAsync(content.read(digest))).toString();
    const label = (JSON.parse(text) as { config?: { Labels?: Record<string, unknown> } } | null)?.config
      ?.Labels?.[key];
    return typeof label === 'string' ? label : undefined;
  } catch {
    // A config of any other kind: an artifact's is what its maker likes.
    return undefined;
  }
}
