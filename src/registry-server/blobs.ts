import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Digest } from '#oci';
import { empty, type Answer } from './answer.ts';
import { etag, isKnown, isSame } from './conditional.ts';
import { requireDigest, type Exchange, type Names } from './exchange.ts';
import { parseRanges, type ByteRange } from './ranges.ts';
import { failure } from './status.ts';

const type = 'application/octet-stream';

const headersOf = (digest: Digest): OutgoingHttpHeaders => ({
  'accept-ranges': 'bytes',
  'docker-content-digest': digest,
  etag: etag(digest),
});

/** Answers a HEAD ("Checking if content exists in the registry"). */
export async function headBlob(exchange: Exchange, { repository, reference }: Names): Promise<Answer> {
  const { registry, signal } = exchange;
  const digest = requireDigest(reference);
  const blob = await registry.headBlob(repository, digest, { signal });
  if (blob === undefined) return failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  if (isKnown(exchange.request, digest)) return empty(304, headersOf(digest));
  const headers = { ...headersOf(digest), 'content-type': type, 'content-length': blob.size };
  return { status: 200, headers };
}

/** Answers a GET ("Pulling blobs"), whole or in one or several ranges. */
export async function getBlob(exchange: Exchange, { repository, reference }: Names): Promise<Answer> {
  const { request, registry, signal } = exchange;
  const digest = requireDigest(reference);
  const { range } = request.headers;
  if (range !== undefined || request.headers['if-none-match'] !== undefined) {
    const blob = await registry.headBlob(repository, digest, { signal });
    if (blob !== undefined && isKnown(request, digest)) return empty(304, headersOf(digest));
    const ranges = blob && isSame(request, digest) ? parseRanges(range, blob.size) : undefined;
    if (blob !== undefined && ranges !== undefined) {
      return answerRanges(exchange, ranges, { repository, digest, size: blob.size });
    }
  }
  const { size, body } = await registry.getBlob(repository, digest, { signal });
  const headers = { ...headersOf(digest), 'content-type': type, 'content-length': size };
  return { status: 200, headers, body };
}

/** Answers a DELETE ("Deleting blobs"). */
export async function deleteBlob(
  { registry, signal }: Exchange,
  { repository, reference }: Names,
): Promise<Answer> {
  await registry.deleteBlob(repository, requireDigest(reference), { signal });
  return empty(202);
}

interface Whole {
  readonly repository: string;
  readonly digest: Digest;
  readonly size: number;
}

function answerRanges(exchange: Exchange, ranges: readonly ByteRange[], blob: Whole): Answer {
  const { digest, size } = blob;
  const [first] = ranges;
  if (first === undefined) {
    const refused = failure(416, 'RANGE_INVALID', 'invalid content range');
    return { ...refused, headers: { ...refused.headers, 'content-range': `bytes */${size}` } };
  }
  if (ranges.length > 1) return answerParts(exchange, ranges, blob);
  const headers = {
    ...headersOf(digest),
    'content-type': type,
    'content-length': first.end - first.start,
    'content-range': contentRange(first, size),
  };
  return { status: 206, headers, body: readRange(exchange, first, blob) };
}

/** Several ranges as multipart/byteranges (RFC 9110 section 14.6). */
function answerParts(exchange: Exchange, ranges: readonly ByteRange[], blob: Whole): Answer {
  const boundary = randomBytes(16).toString('hex');
  const parts = ranges.map((range) => {
    const head = `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(range, blob.size)}\r\n\r\n`;
    return { head: Buffer.from(head), range };
  });
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* body(): AsyncIterable<Uint8Array> {
    for (const { head, range } of parts) {
      yield head;
      yield* readRange(exchange, range, blob);
    }
    yield end;
  }
  const length = parts.reduce(
    (sum, { head, range }) => sum + head.length + range.end - range.start,
    end.length,
  );
  const headers = {
    ...headersOf(blob.digest),
    'content-type': `multipart/byteranges; boundary=${boundary}`,
    'content-length': length,
  };
  return { status: 206, headers, body: body() };
}

function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

/** The registry reads from an offset to the end; this stops where the range does. */
async function* readRange(
  { registry, signal }: Exchange,
  { start, end }: ByteRange,
  { repository, digest }: Whole,
): AsyncIterable<Uint8Array> {
  const { body } = await registry.getBlob(repository, digest, { signal, offset: start });
  let left = end - start;
  for await (const chunk of body) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= chunk.length;
    if (left <= 0) return;
  }
}
