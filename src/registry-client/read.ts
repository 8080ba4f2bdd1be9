import { GantryError } from '#errors';
import { acceptManifests, digestAlgorithm, digestOf, isDigest, maxManifestBytes, mediaTypes } from '#oci';
import type { Descriptor } from '#oci';
import { blobPath, manifestPath, type RegistryReader, type StoredManifest } from '#registry';
import { isPage, readBytes, unexpected } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { persist } from './retry.ts';
import { pullScope } from './scope.ts';
import type { Answer } from './transport.ts';

/** Everything else comes last, so that a registry need not refuse what it has. */
const accept = [...acceptManifests, '*/*'].join(', ');

/** Reads one registry. Manifests and heads are asked for again when they fail for a moment; blobs are not. */
export function createReader(endpoint: Endpoint): RegistryReader {
  async function fetchManifest(
    repository: string,
    reference: string,
    signal: AbortSignal | undefined,
  ): Promise<StoredManifest> {
    const target = manifestPath(repository, reference);
    const scopes = [pullScope(repository)];
    const answer = await endpoint.send({ method: 'GET', target, scopes, headers: { accept }, signal });
    if (answer.status !== 200) throw await endpoint.failure(answer, 'MANIFEST_UNKNOWN');
    if (isPage(answer)) {
      await answer.discard();
      throw unexpected(answer, 'a page');
    }
    const bytes = await readBytes(answer, maxManifestBytes);
    const header = answer.header('docker-content-digest') ?? '';
    const announced = [reference, header].find(isDigest);
    const digest = digestOf(bytes, announced && digestAlgorithm(announced));
    if (announced !== undefined && announced !== digest) throw wrongDigest(reference, announced, digest);
    return { bytes, mediaType: mediaTypeOf(answer, bytes), digest };
  }

  return {
    getManifest: (repository, reference, { signal } = {}) =>
      persist(endpoint, signal, () => fetchManifest(repository, reference, signal)),

    headManifest: (repository, reference, { signal } = {}) =>
      persist(endpoint, signal, async () => {
        const target = manifestPath(repository, reference);
        const scopes = [pullScope(repository)];
        const answer = await endpoint.send({ method: 'HEAD', target, scopes, headers: { accept }, signal });
        await answer.discard();
        if (answer.status === 404) return undefined;
        const described = answer.status === 200 ? descriptorOf(answer, reference) : undefined;
        if (described !== undefined) return described;
        // The answer to a HEAD cannot say what is wrong, and some registries do not tell digest or size.
        const { bytes, mediaType, digest } = await fetchManifest(repository, reference, signal);
        return { mediaType, digest, size: bytes.length };
      }),

    async getBlob(repository, digest, { signal, offset = 0 } = {}) {
      const target = blobPath(repository, digest);
      const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
      const answer = await endpoint.send({
        method: 'GET',
        target,
        scopes: [pullScope(repository)],
        headers,
        signal,
      });
      if (answer.status !== 200 && answer.status !== 206)
        throw await endpoint.failure(answer, 'BLOB_UNKNOWN');
      const range = answer.status === 206 ? rangeOf(answer) : { offset: 0, size: lengthOf(answer) };
      if (isPage(answer) || range === undefined) {
        await answer.discard();
        throw unexpected(answer, range === undefined ? 'a part that it does not place' : 'a page');
      }
      return { ...range, body: answer.body };
    },

    headBlob: (repository, digest, { signal } = {}) =>
      persist(endpoint, signal, async () => {
        const target = blobPath(repository, digest);
        const scopes = [pullScope(repository)];
        const answer = await endpoint.send({ method: 'HEAD', target, scopes, signal });
        if (answer.status === 404) {
          await answer.discard();
          return undefined;
        }
        if (answer.status !== 200) throw await endpoint.failure(answer, 'BLOB_UNKNOWN');
        await answer.discard();
        const size = lengthOf(answer);
        if (size === undefined) throw unexpected(answer, 'a head without a length');
        return { size };
      }),
  };
}

/** Content-Length, if it is a number of bytes. */
function lengthOf(answer: Answer): number | undefined {
  return safeInteger(answer.header('content-length'));
}

function safeInteger(text: string | undefined): number | undefined {
  const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Content-Range of a 206 (RFC 9110 section 14.4): `bytes 5-9/10`. */
function rangeOf(answer: Answer): { offset: number; size: number | undefined } | undefined {
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header('content-range') ?? '') ?? [];
  const offset = safeInteger(start);
  return offset === undefined ? undefined : { offset, size: safeInteger(size) };
}

/** The type that the registry gives, without parameters, unless it is too general to mean anything. */
function declaredType(answer: Answer): string | undefined {
  const type = answer.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return type?.startsWith('application/vnd.') ? type : undefined;
}

function mediaTypeOf(answer: Answer, bytes: Uint8Array): string {
  const declared = declaredType(answer);
  if (declared !== undefined) return declared;
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw unexpected(answer, 'no manifest');
  }
  if (typeof document !== 'object' || document === null) throw unexpected(answer, 'no manifest');
  const { mediaType, manifests } = document as Record<string, unknown>;
  if (typeof mediaType === 'string') return mediaType;
  return manifests === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex;
}

/** What a HEAD says, if it says all of it and does not contradict the reference. */
function descriptorOf(answer: Answer, reference: string): Descriptor | undefined {
  const digest = answer.header('docker-content-digest');
  const [mediaType, size] = [declaredType(answer), lengthOf(answer)];
  if (digest === undefined || !isDigest(digest) || mediaType === undefined || !size) return undefined;
  return isDigest(reference) && reference !== digest ? undefined : { mediaType, digest, size };
}

function wrongDigest(reference: string, announced: string, digest: string): GantryError {
  return new GantryError(
    'corrupt',
    'manifest-digest',
    `manifest verification failed for digest ${announced}: the registry sent bytes with ${digest} for ${reference}`,
    { subject: { reference, announced, digest } },
  );
}
