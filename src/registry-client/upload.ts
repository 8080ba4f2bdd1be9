import { findError } from '#errors';
import type { Digest } from '#oci';
import { delayAfter, uploadsPath } from '#registry';
import { unexpected } from './answer.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { locate } from './redirect.ts';
import { mostAttempts } from './retry.ts';
import { pushScope } from './scope.ts';
import type { Answer } from './transport.ts';

export interface BlobUpload {
  readonly repository: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly open: (offset: number) => AsyncIterable<Uint8Array>;
  readonly onProgress: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** An upload that the registry has begun: where it goes on, and how many bytes it has. */
interface Session {
  readonly url: URL;
  readonly taken: number;
}

/** The session is not what we thought it was: nothing helps but another one. */
const lostSession = ['upload-unknown', 'upload-invalid', 'blob-range'];

/**
 * Uploads a blob: one session, one PUT with all bytes. After a break it asks what arrived and sends the rest as a
 * chunk, or begins again where the registry kept nothing. Source: distribution-spec 1.1, "Pushing blobs".
 *
 * @throws invalid-argument `blob-digest`; the last failure after five without progress
 */
export async function uploadBlob(endpoint: Endpoint, upload: BlobUpload): Promise<void> {
  const { network } = endpoint;
  const { signal } = upload;
  let session: Session | undefined;
  let failures = 0;
  for (;;) {
    try {
      session ??= await beginSession(endpoint, upload);
      await sendRest(endpoint, upload, session);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      failures++;
      const lost = lostSession.includes(findError(error)?.code ?? '');
      const delay = lost ? 0 : delayAfter(error, failures, network.random);
      if (delay === undefined || failures >= mostAttempts) throw error;
      await network.wait(delay, signal);
      const before: number = session?.taken ?? 0;
      session = session === undefined || lost ? undefined : await askSession(endpoint, upload, session);
      if (session !== undefined && session.taken > before) failures = 0;
    }
  }
}

function call({ repository, signal }: BlobUpload, parts: Omit<Call, 'scopes' | 'signal'>): Call {
  return { scopes: [pushScope(repository)], signal, ...parts };
}

async function beginSession(endpoint: Endpoint, upload: BlobUpload): Promise<Session> {
  const target = uploadsPath(upload.repository);
  const headers = { 'content-length': '0' };
  const answer = await endpoint.send(call(upload, { method: 'POST', target, headers }));
  if (answer.status !== 202) throw await endpoint.failure(answer, 'NAME_UNKNOWN');
  await answer.discard();
  return { url: await sessionUrl(endpoint, answer), taken: 0 };
}

/** Where the upload goes on: each answer may name another place. */
export async function sessionUrl(endpoint: Endpoint, answer: Answer): Promise<URL> {
  const location = answer.header('location');
  if (location === undefined) throw unexpected(answer, 'an upload without a Location');
  return locate(endpoint.network, answer.url, location);
}

async function sendRest(endpoint: Endpoint, upload: BlobUpload, { url, taken }: Session): Promise<void> {
  const { digest, size, open, onProgress } = upload;
  const rest = size - taken;

  async function* body(): AsyncIterable<Uint8Array> {
    let sent = taken;
    for await (const chunk of open(taken)) {
      yield chunk;
      onProgress?.((sent += chunk.length));
    }
  }
  const bytes = { 'content-type': 'application/octet-stream', 'content-length': String(rest) };
  if (taken === 0) {
    await closeSession(endpoint, upload, { target: withDigest(url, digest), headers: bytes, body });
    return;
  }
  let last = url;
  if (rest > 0) {
    const headers = { ...bytes, 'content-range': `${taken}-${size - 1}` };
    const answer = await endpoint.send(call(upload, { method: 'PATCH', target: url, headers, body }));
    if (answer.status !== 202) throw await endpoint.failure(answer, 'BLOB_UPLOAD_UNKNOWN');
    await answer.discard();
    last = await sessionUrl(endpoint, answer);
  }
  const headers = { 'content-length': '0' };
  await closeSession(endpoint, upload, { target: withDigest(last, digest), headers });
}

async function closeSession(
  endpoint: Endpoint,
  upload: BlobUpload,
  parts: Pick<Call, 'target' | 'headers' | 'body'>,
): Promise<void> {
  const answer = await endpoint.send(call(upload, { method: 'PUT', ...parts }));
  if (answer.status !== 201) throw await endpoint.failure(answer, 'BLOB_UPLOAD_UNKNOWN');
  await answer.discard();
}

/** `url` with the digest; its query is the registry's and stays as it is, to the byte. */
function withDigest(url: URL, digest: Digest): URL {
  const finished = new URL(url);
  finished.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return finished;
}

/** What the registry has of the session; undefined when that is nothing or cannot be known. */
async function askSession(
  endpoint: Endpoint,
  upload: BlobUpload,
  { url }: Session,
): Promise<Session | undefined> {
  try {
    const answer = await endpoint.send(call(upload, { method: 'GET', target: url }));
    await answer.discard();
    const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(answer.header('range') ?? '') ?? [];
    // `0-0` is an empty session for some registries and one byte for others.
    const taken = Number(last ?? 0) + 1;
    if (answer.status !== 204 || taken <= 1 || taken > upload.size) return undefined;
    const next = answer.header('location') === undefined ? url : await sessionUrl(endpoint, answer);
    return { url: next, taken };
  } catch {
    upload.signal?.throwIfAborted();
    return undefined;
  }
}
