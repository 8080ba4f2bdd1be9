import { findError, GantryError } from '#errors';
import {
  isForeignLayerType,
  isIndexType,
  isManifestType,
  parseDescriptor,
  parseManifest,
  type Descriptor,
  type Digest,
} from '#oci';
import { registryError } from '#registry';

/** What a repository must know of a manifest. */
export interface ManifestFacts {
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly subject: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** Config and layers that must be in the repository: all but those that registries may lack. */
  readonly blobs: readonly Digest[];
  /** Manifests that it lists. */
  readonly manifests: readonly Digest[];
  readonly config: Descriptor | undefined;
}

/** Types that say nothing: the document itself must. */
const general = new Set(['', 'application/json', 'application/octet-stream', 'text/plain']);

/**
 * Reads a manifest that was sent as `declared`. One of a type that is not known is taken as it is; only its subject
 * and its own words are looked for.
 *
 * @throws invalid-argument `manifest-invalid`
 */
export function readManifest(bytes: Uint8Array, declared: string | undefined): ManifestFacts {
  const type = declared?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const known = general.has(type) || isManifestType(type) || isIndexType(type);
  // Schema 1 has a type of its own, and reading it is what refuses it.
  if (!known && !type.startsWith('application/vnd.docker.distribution.manifest.v1')) {
    return readUnknown(bytes, type);
  }
  try {
    return readKnown(bytes, type);
  } catch (error) {
    const found = findError(error);
    if (found === undefined || found.kind === 'internal') throw error;
    throw registryError('MANIFEST_INVALID', found.message, { cause: error });
  }
}

function readKnown(bytes: Uint8Array, type: string): ManifestFacts {
  const manifest = parseManifest(bytes, general.has(type) ? undefined : type);
  const { mediaType, annotations } = manifest;
  const subject = manifest.subject?.digest;
  const common = { mediaType, annotations, subject };
  if (manifest.kind === 'index') {
    const manifests = manifest.manifests.map(({ digest }) => digest);
    return { ...common, artifactType: manifest.artifactType, blobs: [], manifests, config: undefined };
  }
  const { config, layers } = manifest;
  const blobs = [config, ...layers].filter((part) => !isForeignLayerType(part.mediaType));
  return {
    ...common,
    // Distribution-spec 1.1, "Listing Referrers": without a word of its own, the config's type.
    artifactType: manifest.artifactType ?? config.mediaType,
    blobs: blobs.map(({ digest }) => digest),
    manifests: [],
    config,
  };
}

function readUnknown(bytes: Uint8Array, mediaType: string): ManifestFacts {
  const nothing = {
    mediaType,
    artifactType: undefined,
    subject: undefined,
    annotations: undefined,
    blobs: [],
    manifests: [],
    config: undefined,
  };
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return nothing;
  }
  if (typeof document !== 'object' || document === null) return nothing;
  const { subject, artifactType, annotations } = document as Record<string, unknown>;
  try {
    // A descriptor's fields are checked as in any manifest; these ones are of the same shape.
    const own = parseDescriptor({ ...(subject as object), artifactType, annotations }, 'manifest');
    return { ...nothing, subject: own.digest, artifactType: own.artifactType, annotations: own.annotations };
  } catch (error) {
    if (error instanceof GantryError) return nothing;
    throw error;
  }
}
