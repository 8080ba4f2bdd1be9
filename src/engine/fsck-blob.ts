import type { ContentStore } from '#content';
import { isAbort, toError } from '#errors';
import { createDigester, digestAlgorithm, type Digest } from '#oci';
import type { Problem } from './fsck-finding.ts';

/** What is wrong with a blob: not here, or, with `hash`, not the bytes that its digest names. */
export async function blobProblem(
  content: ContentStore,
  digest: Digest,
  { hash, signal }: { hash: boolean; signal: AbortSignal },
): Promise<Problem | undefined> {
  if ((await content.stat(digest)) === undefined) {
    return { code: 'blob-missing', digest, detail: 'it is not in the store' };
  }
  if (!hash) return undefined;
  try {
    const found = await hashBlob(content, digest, signal);
    if (found === digest) return undefined;
    return { code: 'blob-damaged', digest, detail: `its bytes have the digest ${found}` };
  } catch (error) {
    if (isAbort(error)) throw error;
    return { code: 'blob-damaged', digest, detail: `it cannot be read: ${toError(error).message}` };
  }
}

async function hashBlob(content: ContentStore, digest: Digest, signal: AbortSignal): Promise<Digest> {
  const digester = createDigester(digestAlgorithm(digest));
  for await (const chunk of content.read(digest)) {
    signal.throwIfAborted();
    digester.update(chunk);
  }
  return digester.digest();
}
