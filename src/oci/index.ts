/**
 * The words of images: digests, descriptors, manifests, configs, platforms and references, parsed from foreign
 * input once, bounded and checked, so that everything after may trust the types.
 */
export { chainIds } from './chain-id.ts';
export { parseDescriptor } from './descriptor.ts';
export type { Descriptor } from './descriptor.ts';
export {
  createDigester,
  digestAlgorithm,
  digestHex,
  digestOf,
  isDigest,
  parseDigest,
  shortId,
} from './digest.ts';
export type { Digest, DigestAlgorithm, Digester } from './digest.ts';
export {
  encodeImageConfig,
  imageIdOf,
  maxImageConfigBytes,
  parseImageConfig,
  parseImageId,
} from './image-config.ts';
export type { HistoryEntry, ImageConfig, ImageId } from './image-config.ts';
export { encodeManifest, maxManifestBytes, parseManifest } from './manifest.ts';
export type { ImageIndex, ImageManifest } from './manifest.ts';
export {
  acceptManifests,
  isForeignLayerType,
  isIndexType,
  isLayerType,
  isManifestType,
  mediaTypes,
} from './media-types.ts';
export { matchesPlatform, selectManifest } from './platform-match.ts';
export { formatPlatform, nodePlatform, normalisePlatform, parsePlatform } from './platform.ts';
export type { Platform } from './platform.ts';
export {
  canonicalName,
  canonicalString,
  familiarName,
  familiarString,
  parseReference,
  parseTag,
  withDefaultTag,
  withDigest,
  withTag,
} from './reference.ts';
export type { Reference } from './reference.ts';
export type { RunConfig } from './run-config.ts';
