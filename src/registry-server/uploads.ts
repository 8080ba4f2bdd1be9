import type { OutgoingHttpHeaders } from 'node:http';
import { findError } from '#errors';
import type { Digest } from '#oci';
import { blobPath, isRepositoryName, registryError, uploadsPath, type UploadStatus } from '#registry';
import { empty, type Answer } from './answer.ts';
import { receive } from './body.ts';
import { requireDigest, type Exchange, type Names } from './exchange.ts';
import { answerError } from './status.ts';

/**
 * Answers a POST: a mount, a whole blob, or a session ("Mounting a blob from another repository", "Single POST",
 * "Pushing a blob in chunks"). A mount that cannot be is a session.
 */
export async function postUpload(exchange: Exchange, { repository }: Names): Promise<Answer> {
  const { registry, query, request, signal } = exchange;
  const algorithm = query.get('digest-algorithm');
  if (algorithm !== null && algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw registryError('DIGEST_INVALID', 'the digest algorithms are sha256 and sha512');
  }
  if (query.has('mount')) {
    const digest = requireDigest(query.get('mount'));
    const from = query.get('from');
    const mounted =
      from === null
        ? await registry.mountFromAnywhere(repository, digest, { signal })
        : isRepositoryName(from) && (await registry.mountBlob(repository, digest, from, { signal }));
    if (mounted) return created(exchange, repository, digest);
  } else if (query.has('digest')) {
    const digest = requireDigest(query.get('digest'));
    const size = Number(request.headers['content-length'] ?? 0);
    await registry.putBlob(repository, { digest, size, open: () => receive(request) }, { signal });
    return created(exchange, repository, digest);
  }
  const status = await registry.startUpload(repository, { signal });
  return empty(202, headersOf(exchange, repository, status));
}

/** Answers a GET: how much has come. */
export async function getUpload(exchange: Exchange, { repository, reference }: Names): Promise<Answer> {
  const { registry, signal } = exchange;
  const status = await registry.uploadStatus(repository, reference, { signal });
  return empty(204, headersOf(exchange, repository, status));
}

/** Answers a PATCH: takes a chunk where its Content-Range says, or without one wherever the upload stands. */
export async function patchUpload(exchange: Exchange, { repository, reference }: Names): Promise<Answer> {
  const { registry, signal } = exchange;
  return orWhereItStands(exchange, { repository, reference }, async () => {
    const status = await registry.appendUpload(repository, reference, chunkOf(exchange), { signal });
    return empty(202, headersOf(exchange, repository, status));
  });
}

/** Answers a PUT: takes the last chunk, or none, and makes a blob of it all. */
export async function putUpload(exchange: Exchange, { repository, reference }: Names): Promise<Answer> {
  const { registry, query, signal } = exchange;
  const digest = requireDigest(query.get('digest'));
  return orWhereItStands(exchange, { repository, reference }, async () => {
    await registry.finishUpload(repository, reference, { ...chunkOf(exchange), digest }, { signal });
    return created(exchange, repository, digest);
  });
}

/** Answers a DELETE: the upload is over ("Canceling a blob upload"). */
export async function deleteUpload(
  { registry, signal }: Exchange,
  { repository, reference }: Names,
): Promise<Answer> {
  await registry.cancelUpload(repository, reference, { signal });
  return empty(204);
}

function chunkOf({ request }: Exchange): { body: AsyncIterable<Uint8Array>; offset?: number } {
  const range = request.headers['content-range'];
  if (range === undefined) return { body: receive(request) };
  // The specification has `<start>-<end>`; what RFC 9110 has around it is taken too.
  const [, start, end] = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(range) ?? [];
  const [offset, last] = [Number(start), Number(end)];
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(last) || last < offset) {
    throw registryError('BLOB_UPLOAD_INVALID', `${JSON.stringify(range.slice(0, 100))} is no range of bytes`);
  }
  const length = last - offset + 1;
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) !== length) {
    throw registryError(
      'SIZE_INVALID',
      `Content-Range tells of ${length} bytes, Content-Length of ${announced}`,
    );
  }
  return { body: receive(request, { length }), offset };
}

/** A chunk at the wrong place is answered with the right one: 416 with Location and Range. */
async function orWhereItStands(
  exchange: Exchange,
  { repository, reference }: Names,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const offset = findError(error, { code: 'blob-range' })?.subject['offset'];
    if (typeof offset !== 'number') throw error;
    const refused = answerError(error);
    const place = headersOf(exchange, repository, { id: reference, offset });
    return { ...refused, headers: { ...refused.headers, ...place } };
  }
}

function headersOf(
  { prefix }: Exchange,
  repository: string,
  { id, offset }: UploadStatus,
): OutgoingHttpHeaders {
  return {
    location: `${prefix}${uploadsPath(repository)}${id}`,
    // Without `bytes=`. An upload without bytes says 0-0, as distribution's does: the specification has no word for none.
    range: `0-${Math.max(offset - 1, 0)}`,
    'docker-upload-uuid': id,
  };
}

function created({ prefix }: Exchange, repository: string, digest: Digest): Answer {
  return empty(201, {
    location: prefix + blobPath(repository, digest),
    'docker-content-digest': digest,
  });
}
