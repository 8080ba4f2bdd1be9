import { readDigest } from './descriptor.ts';
import { digestOf, parseDigest, type Digest } from './digest.ts';
import { encodeJson, readJson, sorted, withoutUndefined, type JsonCursor } from './json.ts';
import { readRunConfig, type RunConfig } from './run-config.ts';

/** The most bytes of an image config: containerd's bound for the blobs that it parses. */
export const maxImageConfigBytes = 8 * 1024 * 1024;

/** As many layers as a manifest may have. */
const maxLayers = 10_000;
/** Layers, and as many steps again that made none. */
const maxHistory = 2 * maxLayers;

const configDocument = { name: 'image config', code: 'config-invalid', maxBytes: maxImageConfigBytes };

declare const imageIdBrand: unique symbol;

/** The digest of an image's config: what Docker calls the image's ID. Made by this file only. */
export type ImageId = Digest & { readonly [imageIdBrand]: true };

/** How one layer, or one step that made no layer, came to be. */
export interface HistoryEntry {
  /** RFC 3339. */
  readonly created?: string;
  readonly createdBy?: string;
  readonly author?: string;
  readonly comment?: string;
  /** True when the step made no layer. */
  readonly emptyLayer?: boolean;
}

/** What an image is, besides its layers. Source: image-spec config.md. */
export interface ImageConfig {
  /** Empty when the config does not say: so were the first images. */
  readonly architecture: string;
  /** Empty when the config does not say. */
  readonly os: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
  /** RFC 3339, as written. */
  readonly created?: string;
  readonly author?: string;
  readonly dockerVersion?: string;
  readonly comment?: string;
  readonly config: RunConfig;
  /** Digests of the uncompressed layers, the lowest first. */
  readonly diffIds: Digest[];
  /** The oldest step first. Tools may leave it out or out of step with the layers. */
  readonly history: HistoryEntry[];
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

function readTime(cursor: JsonCursor): string {
  const text = cursor.string();
  const valid = rfc3339.test(text) && !Number.isNaN(Date.parse(text));
  return valid ? text : cursor.fail('it must be a time as in RFC 3339');
}

function readBoolean(cursor: JsonCursor): boolean {
  return typeof cursor.value === 'boolean' ? cursor.value : cursor.fail('it must be true or false');
}

const textOf = (cursor: JsonCursor, name: string): string | undefined =>
  cursor.field(name).optional((at) => at.string());

function readHistoryEntry(cursor: JsonCursor): HistoryEntry {
  return withoutUndefined({
    created: cursor.field('created').optional(readTime),
    createdBy: textOf(cursor, 'created_by'),
    author: textOf(cursor, 'author'),
    comment: textOf(cursor, 'comment'),
    emptyLayer: cursor.field('empty_layer').optional(readBoolean),
  });
}

/**
 * An image config, OCI or Docker. Null fields count as absent; unknown ones are left out, but for those inside
 * `config`. Whether the layers are the manifest's is for the caller to compare.
 *
 * Bounds: 8 MiB, 64 levels, 10,000 layers. Errors: `config-invalid` (corrupt), also for a document without
 * `rootfs`: it is the config of an artifact, not of an image.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const root = readJson(bytes, configDocument);
  const rootfs = root.field('rootfs');
  const type = textOf(rootfs, 'type') ?? 'layers';
  if (type !== 'layers') rootfs.field('type').fail('it must be "layers"');
  return withoutUndefined({
    architecture: textOf(root, 'architecture') ?? '',
    os: textOf(root, 'os') ?? '',
    variant: textOf(root, 'variant'),
    osVersion: textOf(root, 'os.version'),
    osFeatures: root.field('os.features').optional((at) => at.strings(maxLayers)),
    created: root.field('created').optional(readTime),
    author: textOf(root, 'author'),
    dockerVersion: textOf(root, 'docker_version'),
    comment: textOf(root, 'comment'),
    config: root.field('config').optional(readRunConfig) ?? {},
    diffIds: rootfs.field('diff_ids').items(maxLayers).map(readDigest),
    history: root.field('history').items(maxHistory).map(readHistoryEntry),
  });
}

/**
 * A config that we make, as compact JSON: equal content gives equal bytes. The fields stand in the order in which
 * Docker writes them (by name); `config` is sorted all through. Never for a config that came from elsewhere.
 */
export function encodeImageConfig(config: ImageConfig): Uint8Array {
  return encodeJson({
    architecture: config.architecture,
    author: config.author,
    comment: config.comment,
    config: sorted(config.config),
    created: config.created,
    docker_version: config.dockerVersion,
    history: config.history.map((entry) => ({
      created: entry.created,
      author: entry.author,
      created_by: entry.createdBy,
      comment: entry.comment,
      empty_layer: entry.emptyLayer,
    })),
    os: config.os,
    'os.features': config.osFeatures,
    'os.version': config.osVersion,
    rootfs: { type: 'layers', diff_ids: config.diffIds },
    variant: config.variant,
  });
}

/** The image ID of a config's bytes: their sha256. */
export function imageIdOf(bytes: Uint8Array): ImageId {
  return digestOf(bytes) as ImageId;
}

/**
 * `text` as an image ID: for what a manifest names as its config, or what was stored as one.
 *
 * Errors: `digest-invalid` (invalid-argument).
 */
export function parseImageId(text: string): ImageId {
  return parseDigest(text) as ImageId;
}
