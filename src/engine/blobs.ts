import type { BlobInfo, ContentStore } from '#content';
import { GantryError } from '#errors';
import { type Digest, digestOf, type ImageConfig, parseImageConfig } from '#oci';

/** More than any config or manifest may have (`#oci` refuses larger ones before they are parsed). */
const maxDocument = 8 * 1024 * 1024;

/**
 * A whole small blob: a manifest or a config.
 *
 * @throws not-found `blob-not-found`; resource-exhausted `document-too-large`
 */
export async function readDocument(content: ContentStore, digest: Digest): Promise<Uint8Array> {
  const info = await content.stat(digest);
  if (info !== undefined && info.size > maxDocument) {
    throw new GantryError(
      'resource-exhausted',
      'document-too-large',
      `blob ${digest} has ${info.size} bytes, more than a manifest or config may have (${maxDocument})`,
      { subject: { digest, size: info.size } },
    );
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.read(digest)) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** Stores a small blob that we made or were given whole; one that is here already stays. */
export async function writeDocument(
  content: ContentStore,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<Digest> {
  const digest = digestOf(bytes);
  await using ingest = await content.ingest(digest, signal === undefined ? {} : { signal });
  if (ingest !== undefined) {
    if (ingest.offset > 0) await ingest.restart();
    await ingest.write(bytes);
    await ingest.commit({ size: bytes.length });
  }
  return digest;
}

/** The parsed config of an image. @throws not-found `blob-not-found`, corrupt `config-invalid` */
export async function readConfig(content: ContentStore, id: Digest): Promise<ImageConfig> {
  return parseImageConfig(await readDocument(content, id));
}

/**
 * The blob as a file that the unpacker can read.
 *
 * @throws unsupported `blob-without-file` when the store keeps no files
 */
export function layerSource(content: ContentStore, digest: Digest): { readonly path: string } {
  const path = content.pathOf(digest);
  if (path !== undefined) return { path };
  throw new GantryError(
    'unsupported',
    'blob-without-file',
    'this store keeps no files that layers can be read from; use a store on disk',
  );
}

/** Stores bytes whose digest is found on the way. Nothing of them stays when it fails. */
export async function storeUpload(
  content: ContentStore,
  id: string,
  { source, signal, size }: { source: AsyncIterable<Uint8Array>; signal?: AbortSignal; size?: number },
): Promise<BlobInfo> {
  await using upload = await content.upload(id, signal === undefined ? {} : { signal });
  try {
    for await (const chunk of source) {
      signal?.throwIfAborted();
      await upload.write(chunk);
    }
    return await upload.commit(size === undefined ? {} : { size });
  } catch (error) {
    await upload.discard();
    throw error;
  }
}
