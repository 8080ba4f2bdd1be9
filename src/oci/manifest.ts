import { GantryError } from '#errors';
import { descriptorJson, readDescriptor, type Descriptor } from './descriptor.ts';
import { encodeJson, quote, readJson, sorted, withoutUndefined, type JsonCursor } from './json.ts';
import { isIndexType, isManifestType, isSchema1Type, mediaTypes } from './media-types.ts';

/** The most bytes of a manifest or an index: what registries are asked to take (distribution-spec, "Pushing Manifests"). */
export const maxManifestBytes = 4 * 1024 * 1024;

/** The most layers of a manifest and manifests of an index. Overlay mounts 500; artifacts have more files. */
const maxDescriptors = 10_000;

const manifestDocument = { name: 'manifest', code: 'manifest-invalid', maxBytes: maxManifestBytes };

interface Common {
  readonly mediaType: string;
  /** What this one is about: a signature names its image. */
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
}

/** One image or artifact. Source: image-spec manifest.md. */
export interface ImageManifest extends Common {
  readonly kind: 'manifest';
  readonly config: Descriptor;
  /** The lowest layer first. */
  readonly layers: Descriptor[];
}

/** A list of manifests, mostly one a platform. Source: image-spec image-index.md. */
export interface ImageIndex extends Common {
  readonly kind: 'index';
  readonly manifests: Descriptor[];
}

/**
 * The type of the document. What it says of itself, what the server said and what it looks like must agree, or
 * one digest would be an image to one reader and an index to another (CVE-2021-41190).
 */
function typeOf(root: JsonCursor, declared: string | undefined): string {
  // Empty is how Go writes none.
  const written = root.field('mediaType').optional((at) => at.string()) || undefined;
  // A general type (application/json) comes from servers that know no better, and says nothing.
  const announced = declared?.split(';', 1)[0]?.trim().toLowerCase();
  const sent = announced?.startsWith('application/vnd.') ? announced : undefined;
  const version = root.field('schemaVersion').value;
  if (version === 1 || isSchema1Type(written ?? sent ?? '')) {
    throw new GantryError(
      'unsupported',
      'manifest-schema1',
      'Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed: ' +
        'push the image again with a current tool, which writes schema 2 or OCI manifests',
    );
  }
  if (version !== 2) root.field('schemaVersion').fail('it must be 2');
  if (written !== undefined && sent !== undefined && written !== sent) {
    root.field('mediaType').fail(`it is ${quote(written)}, but it was announced as ${quote(sent)}`);
  }
  const shape = root.field('manifests').present ? mediaTypes.ociIndex : mediaTypes.ociManifest;
  return written ?? sent ?? shape;
}

function forbid(root: JsonCursor, names: readonly string[], type: string): void {
  for (const name of names) {
    if (root.field(name).present) root.field(name).fail(`it does not belong into ${quote(type)}`);
  }
}

function readDescriptors(root: JsonCursor, name: string): Descriptor[] {
  const list = root.field(name);
  // Null is how Go writes an empty list; without the field it is another document.
  if (list.value === undefined) list.fail('it is missing');
  return list.items(maxDescriptors).map(readDescriptor);
}

/**
 * A manifest or an index, OCI or Docker schema 2. `declaredMediaType` is what the server or the descriptor said
 * that it is; its parameters are ignored. The media type of the result is the one in the document, else the
 * declared one, else the OCI type of its shape. Unknown fields are left out, null ones count as absent: keep the
 * bytes, they are the manifest.
 *
 * Bounds: 4 MiB, 64 levels, 10,000 descriptors. Errors: `manifest-invalid` (corrupt), also when types and shape
 * contradict each other; `manifest-schema1` and `media-type-unsupported` (unsupported).
 */
export function parseManifest(bytes: Uint8Array, declaredMediaType?: string): ImageManifest | ImageIndex {
  const root = readJson(bytes, manifestDocument);
  const mediaType = typeOf(root, declaredMediaType);
  const common = withoutUndefined({
    mediaType,
    subject: root.field('subject').optional(readDescriptor),
    annotations: root.field('annotations').optional((at) => at.stringMap()),
    artifactType: root.field('artifactType').optional((at) => at.string()),
  });
  if (isIndexType(mediaType)) {
    forbid(root, ['config', 'layers', 'fsLayers'], mediaType);
    return { kind: 'index', ...common, manifests: readDescriptors(root, 'manifests') };
  }
  if (isManifestType(mediaType)) {
    forbid(root, ['manifests', 'fsLayers'], mediaType);
    const config = readDescriptor(root.field('config'));
    return { kind: 'manifest', ...common, config, layers: readDescriptors(root, 'layers') };
  }
  throw new GantryError(
    'unsupported',
    'media-type-unsupported',
    `unsupported media type ${mediaType.slice(0, 200)}`,
    {
      subject: { mediaType: mediaType.slice(0, 200) },
    },
  );
}

/**
 * A manifest that we make, as compact JSON: equal content gives equal bytes. The order of the fields is the
 * specification's; annotations are sorted. Never for a manifest that came from elsewhere: its bytes are its name.
 */
export function encodeManifest(manifest: ImageManifest | ImageIndex): Uint8Array {
  const { mediaType, artifactType, subject, annotations } = manifest;
  const body =
    manifest.kind === 'index'
      ? { manifests: manifest.manifests.map(descriptorJson) }
      : { config: descriptorJson(manifest.config), layers: manifest.layers.map(descriptorJson) };
  return encodeJson({
    schemaVersion: 2,
    mediaType,
    artifactType,
    ...body,
    subject: subject && descriptorJson(subject),
    annotations: sorted(annotations),
  });
}
