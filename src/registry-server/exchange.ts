import type { IncomingMessage } from 'node:http';
import { isDigest, type Digest } from '#oci';
import { registryError, type ServedRegistry } from '#registry';

/** One request, as a route sees it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly registry: ServedRegistry;
  /** What the client must put before `/v2/`: the path of a proxy that it came by, or nothing. */
  readonly prefix: string;
  /** Aborted when the client goes before the answer is whole. */
  readonly signal: AbortSignal;
}

/** The names in the path of a request. */
export interface Names {
  readonly repository: string;
  /** A tag, a digest or the id of an upload. */
  readonly reference: string;
}

/** `text` as a digest. @throws invalid-argument `blob-digest` */
export function requireDigest(text: string | null): Digest {
  if (text !== null && isDigest(text)) return text;
  throw registryError('DIGEST_INVALID', 'provided digest is no sha256 or sha512 digest');
}

/**
 * The path by which a proxy serves us, from X-Forwarded-Prefix. Only the sender of the header sees it again, and what
 * is no plain path is ignored.
 */
export function prefixOf(request: IncomingMessage): string {
  const header = request.headers['x-forwarded-prefix'];
  return typeof header === 'string' && /^(?:\/[\w.~-]+)+$/.test(header) ? header : '';
}
