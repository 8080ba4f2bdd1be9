import { findError } from '#errors';
import { registryError } from '#registry';
import type { UpstreamRegistry } from './parts.ts';

/**
 * An upstream whose refusals mean the mirror, not its client: credentials that the client could add would be of no
 * use, for they are never passed on. So unauthorized becomes forbidden `registry-denied`.
 */
export function explainRefusals(registry: UpstreamRegistry, domain: string): UpstreamRegistry {
  async function explained<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw explain(error, domain);
    });
  }
  const { referrers } = registry;
  return {
    getManifest: (...request) => explained(registry.getManifest(...request)),
    headManifest: (...request) => explained(registry.headManifest(...request)),
    getBlob: (...request) => explained(registry.getBlob(...request)),
    headBlob: (...request) => explained(registry.headBlob(...request)),
    async *tags(...request) {
      try {
        yield* registry.tags(...request);
      } catch (error) {
        throw explain(error, domain);
      }
    },
    ...(referrers && { referrers: (...request) => explained(referrers(...request)) }),
  };
}

function explain(error: unknown, domain: string): unknown {
  const refused = findError(error, { kind: 'unauthorized' });
  if (refused === undefined) return error;
  return registryError(
    'DENIED',
    `${domain} refuses the mirror: there is no such repository, or the mirror's credentials do not reach it`,
    { cause: error },
  );
}
