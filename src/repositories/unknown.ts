import type { GantryError } from '#errors';
import { registryError, type RegistryCode } from '#registry';
import type { RepositoryStore } from './store.ts';

const words = {
  MANIFEST_UNKNOWN: 'manifest unknown',
  BLOB_UNKNOWN: 'blob unknown to registry',
} as const satisfies Partial<Record<RegistryCode, string>>;

/** The error of what `repository` does not have: that, or the repository itself, is unknown. */
export async function unknown(
  { metadata }: RepositoryStore,
  repository: string,
  code: keyof typeof words,
): Promise<GantryError> {
  if (await metadata.repositories.facts.has(repository)) return registryError(code, words[code]);
  return registryError('NAME_UNKNOWN', 'repository name not known to registry', { subject: { repository } });
}
