import { findError } from '#errors';
import { parseManifest } from '#oci';
import type { StoredManifest } from '#registry';
import { readManifest } from '#repositories';
import { blobKey, type MirrorParts } from './parts.ts';
import type { MirroredName } from './upstream.ts';

/**
 * Keeps a manifest in the mirror's repository, byte for byte, with the tag by which it was had. Its blobs and the
 * manifests of an index need not be there: they come when they are asked for. Answers false for what is no
 * manifest: it is passed on, and its reader may make of it what he likes.
 */
export async function keepManifest(
  parts: MirrorParts,
  name: MirroredName,
  { manifest, tag }: { manifest: StoredManifest; tag: string | undefined },
): Promise<boolean> {
  const { content, clock } = parts;
  const { repositories, mirrored } = parts.metadata;
  const { bytes, digest, mediaType } = manifest;
  const facts = factsOf(manifest);
  if (facts === undefined) return false;
  await mirrored.mark(name.name);
  const upload = parts.uniqueId();
  // Hold first: until the repository has it, the upload keeps the bytes from collection.
  await repositories.uploads.start({ id: upload, repository: name.name, started: clock(), digest });
  try {
    await using ingest = await content.ingest(digest);
    if (ingest !== undefined && ingest.offset > 0) await ingest.restart();
    await ingest?.write(bytes);
    await ingest?.commit({ size: bytes.length });
    await repositories.changes.put(
      name.name,
      {
        ...{ mediaType, digest, size: bytes.length },
        ...{ artifactType: facts.artifactType, subject: facts.subject, annotations: facts.annotations },
        // None of its blobs has to be there, as with the manifests of an index.
        ...{ blobs: [], manifests: [...facts.blobs, ...facts.manifests] },
        ...{ tags: tag === undefined ? [] : [tag], description: undefined },
      },
      { upload, now: clock() },
    );
  } catch (error) {
    await repositories.uploads.end(upload, clock());
    throw error;
  }
  if (tag !== undefined) await mirrored.check(name.name, tag, clock());
  await mirrored.use([{ repository: name.name, digest, at: clock() }]);
  rememberSizes(parts, name, manifest);
  return true;
}

function factsOf({ bytes, mediaType }: StoredManifest): ReturnType<typeof readManifest> | undefined {
  try {
    return readManifest(bytes, mediaType);
  } catch (error) {
    if (findError(error, { code: 'manifest-invalid' }) !== undefined) return undefined;
    throw error;
  }
}

/** The blobs of an image are asked for next: their sizes save a question each. */
function rememberSizes(
  { sizes }: MirrorParts,
  name: MirroredName,
  { bytes, mediaType }: StoredManifest,
): void {
  let document: ReturnType<typeof parseManifest>;
  try {
    document = parseManifest(bytes, mediaType);
  } catch {
    // Of a type that is not known: its blobs are asked for their sizes.
    return;
  }
  if (document.kind === 'index') return;
  for (const { digest, size } of [document.config, ...document.layers])
    sizes.set(blobKey(name, digest), size);
}
