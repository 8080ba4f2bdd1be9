import type { OutgoingHttpHeaders } from 'node:http';
import { isDigest, maxManifestBytes, type Digest } from '#oci';
import { isTag, manifestPath, registryError } from '#registry';
import { empty, type Answer } from './answer.ts';
import { receiveAll } from './body.ts';
import { etag, isKnown } from './conditional.ts';
import { requireDigest, type Exchange, type Names } from './exchange.ts';
import { failure } from './status.ts';

const headersOf = (digest: Digest): OutgoingHttpHeaders => ({
  'docker-content-digest': digest,
  etag: etag(digest),
});

/** The reference as it can be looked up. What can be no name of a manifest is one that is unknown. */
function readable(reference: string): string {
  if (reference.includes(':')) return requireDigest(reference);
  if (isTag(reference)) return reference;
  throw registryError('MANIFEST_UNKNOWN', 'manifest unknown');
}

/** Answers a HEAD ("Checking if content exists in the registry"). */
export async function headManifest(exchange: Exchange, names: Names): Promise<Answer> {
  const { registry, signal, request } = exchange;
  const found = await registry.headManifest(names.repository, readable(names.reference), { signal });
  if (found === undefined) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  const { digest, mediaType, size } = found;
  if (isKnown(request, digest)) return empty(304, headersOf(digest));
  const headers = { ...headersOf(digest), 'content-type': mediaType, 'content-length': size };
  return { status: 200, headers };
}

/**
 * Answers a GET ("Pulling manifests"). Accept is not looked at: a manifest in another form would have another
 * digest.
 */
export async function getManifest(exchange: Exchange, names: Names): Promise<Answer> {
  const { registry, signal, request } = exchange;
  const reference = readable(names.reference);
  const { bytes, digest, mediaType } = await registry.getManifest(names.repository, reference, { signal });
  if (isKnown(request, digest)) return empty(304, headersOf(digest));
  const headers = { ...headersOf(digest), 'content-type': mediaType, 'content-length': bytes.length };
  return { status: 200, headers, body: bytes };
}

/** Answers a PUT ("Pushing Manifests"), by tag, or by digest with any number of `tag` parameters. */
export async function putManifest(exchange: Exchange, names: Names): Promise<Answer> {
  const { registry, signal, request, query, prefix } = exchange;
  const { repository, reference } = names;
  if (reference.includes(':')) requireDigest(reference);
  const tags = isDigest(reference) ? [...new Set(query.getAll('tag'))] : [];
  const bytes = await receiveAll(request, maxManifestBytes);
  if (bytes === undefined) {
    return failure(413, 'SIZE_INVALID', `a manifest has at most ${maxManifestBytes} bytes`);
  }
  const mediaType = request.headers['content-type'];
  const { digest, subject, warnings } = await registry.acceptManifest(
    repository,
    reference,
    { bytes, mediaType, tags },
    { signal },
  );
  return empty(201, {
    location: prefix + manifestPath(repository, digest),
    'docker-content-digest': digest,
    ...(subject !== undefined && { 'oci-subject': subject }),
    ...(tags.length > 0 && { 'oci-tag': tags }),
    ...(warnings.length > 0 && { warning: warnings.map(warning).join(', ') }),
  });
}

/** Answers a DELETE: of a tag, or of a manifest with all its tags ("Deleting tags", "Deleting Manifests"). */
export async function deleteManifest(exchange: Exchange, { repository, reference }: Names): Promise<Answer> {
  const { registry, signal } = exchange;
  const name = readable(reference);
  if (isDigest(name)) await registry.deleteManifest(repository, name, { signal });
  else await registry.deleteTag(repository, name, { signal });
  return empty(202);
}

/** The most of a warning: distribution-spec, "Warnings", has clients take 4096 bytes. */
const maxWarning = 4000;

/** A Warning header of the specification's form; its text must hold no quote. */
function warning(text: string): string {
  return `299 - "${text.replaceAll(/[^ -~]|["\\]/g, ' ').slice(0, maxWarning)}"`;
}
