import type { IncomingMessage } from 'node:http';
import type { Digest } from '#oci';

/** The entity tag of content: its digest never lies. */
export function etag(digest: Digest): string {
  return `"${digest}"`;
}

/** Whether the client has it already (If-None-Match, RFC 9110 section 13.1.2). */
export function isKnown(request: IncomingMessage, digest: Digest): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  // Some clients send the digest without quotes.
  return tags.includes('*') || tags.includes(etag(digest)) || tags.includes(digest);
}

/** Whether a Range counts (If-Range, RFC 9110 section 13.1.5): only for the content that the client began with. */
export function isSame(request: IncomingMessage, digest: Digest): boolean {
  const header = request.headers['if-range'];
  return header === undefined || header === etag(digest);
}
