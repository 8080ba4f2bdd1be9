import { manifestPath, uploadsPath, type RegistryWriter } from '#registry';
import type { Endpoint } from './endpoint.ts';
import { persist } from './retry.ts';
import { pullScope, pushScope } from './scope.ts';
import type { Answer } from './transport.ts';
import { sessionUrl, uploadBlob } from './upload.ts';

/** Answers to a mount by which the registry says that it will not: the upload that follows will tell why. */
const notMounted = [401, 403, 404, 405];

/** Writes to one registry. */
export function createWriter(endpoint: Endpoint): RegistryWriter {
  return {
    putManifest: (repository, reference, { bytes, mediaType }, { signal } = {}) =>
      persist(endpoint, signal, async () => {
        const target = manifestPath(repository, reference);
        const headers = { 'content-type': mediaType, 'content-length': String(bytes.length) };
        async function* body(): AsyncIterable<Uint8Array> {
          yield bytes;
        }
        const scopes = [pushScope(repository)];
        const answer = await endpoint.send({ method: 'PUT', target, scopes, headers, body, signal });
        if (![200, 201, 202].includes(answer.status)) throw await endpoint.failure(answer, 'NAME_UNKNOWN');
        await answer.discard();
      }),

    putBlob: (repository, { digest, size, open }, { signal, onProgress } = {}) =>
      uploadBlob(endpoint, { repository, digest, size, open, onProgress, signal }),

    mountBlob: (repository, digest, from, { signal } = {}) =>
      persist(endpoint, signal, async () => {
        const target = uploadsPath(repository, { digest, from });
        const scopes = [pushScope(repository), pullScope(from)];
        const headers = { 'content-length': '0' };
        const answer = await endpoint.send({ method: 'POST', target, scopes, headers, signal });
        if (![201, 202, ...notMounted].includes(answer.status))
          throw await endpoint.failure(answer, 'NAME_UNKNOWN');
        await answer.discard();
        if (answer.status === 202) await giveUp(endpoint, repository, { answer, signal });
        return answer.status === 201;
      }),
  };
}

/** Ends an upload that nobody wants. A registry that cannot do that forgets it some day. */
async function giveUp(
  endpoint: Endpoint,
  repository: string,
  { answer, signal }: { answer: Answer; signal: AbortSignal | undefined },
): Promise<void> {
  try {
    const target = await sessionUrl(endpoint, answer);
    const end = await endpoint.send({ method: 'DELETE', target, scopes: [pushScope(repository)], signal });
    await end.discard();
  } catch {
    signal?.throwIfAborted();
  }
}
