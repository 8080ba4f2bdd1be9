import { findError } from '#errors';
import { readManifest } from '#repositories';
import type { MirrorParts } from './parts.ts';
import type { Route } from './route.ts';

/**
 * Before a manifest is put into a hosted repository: links those of its blobs that only the mirrored repository of the
 * same bare name has. Whoever asked for them by that name was told that they are here, and did not push them.
 */
export async function mountMirrored(
  { local, metadata }: Pick<MirrorParts, 'local' | 'metadata'>,
  { hosted, mirrored }: Route,
  { bytes, mediaType }: { bytes: Uint8Array; mediaType: string | undefined },
): Promise<void> {
  if (hosted === undefined || mirrored === undefined) return;
  const { facts } = metadata.repositories;
  for (const digest of blobsOf(bytes, mediaType)) {
    if ((await facts.blob(hosted, digest)) === undefined)
      await local.mountBlob(hosted, digest, mirrored.name);
  }
}

function blobsOf(bytes: Uint8Array, mediaType: string | undefined): ReturnType<typeof readManifest>['blobs'] {
  try {
    return readManifest(bytes, mediaType).blobs;
  } catch (error) {
    // Whoever takes the manifest says what is wrong with it.
    if (findError(error, { code: 'manifest-invalid' }) !== undefined) return [];
    throw error;
  }
}
