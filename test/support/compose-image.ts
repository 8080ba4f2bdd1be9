import { gzipSync } from 'node:zlib';
import {
  digestOf,
  encodeImageConfig,
  encodeManifest,
  imageIdOf,
  mediaTypes,
  type Descriptor,
  type Digest,
  type ImageConfig,
} from '#oci';
import { encodeHeader, endOfArchive, padding, type TarEntry } from '#tar';
import type { RandomImage } from './random-image.ts';

/** A layer as it is to be stored. */
export interface ComposedLayer {
  readonly tar: Uint8Array;
  /** The stored bytes; the tar in gzip unless given. */
  readonly blob?: Uint8Array;
  readonly mediaType?: string;
}

/** An image of exactly these layers, base first; what `config` gives stands in its config. */
export function composeImage(
  layers: readonly ComposedLayer[],
  {
    config = {},
    configType = mediaTypes.ociConfig,
  }: { config?: Partial<ImageConfig>; configType?: string } = {},
): RandomImage {
  const stored = layers.map(({ tar, blob, mediaType }) => ({
    blob: blob ?? gzipSync(tar),
    mediaType: mediaType ?? (blob === undefined ? mediaTypes.ociLayerGzip : mediaTypes.ociLayer),
  }));
  const diffIds: Digest[] = layers.map(({ tar }) => digestOf(tar));
  const configBytes = encodeImageConfig({
    os: 'linux',
    architecture: 'amd64',
    config: {},
    diffIds,
    history: layers.map((_, n) => ({ createdBy: `step ${n}` })),
    ...config,
  });
  const descriptors = {
    config: descriptor(configType, configBytes),
    layers: stored.map(({ blob, mediaType }) => descriptor(mediaType, blob)),
  };
  const manifest = encodeManifest({ kind: 'manifest', mediaType: mediaTypes.ociManifest, ...descriptors });
  return {
    manifest,
    config: configBytes,
    layers: stored.map(({ blob }) => blob),
    tars: layers.map(({ tar }) => tar),
    diffIds,
    imageId: imageIdOf(configBytes),
    descriptors: {
      ...descriptors,
      manifest: {
        ...descriptor(mediaTypes.ociManifest, manifest),
        platform: { os: 'linux', architecture: 'amd64' },
      },
    },
  };
}

/** A tar archive of files by name, directories (names with a slash at the end) and `{ link }`s. */
export function tarOf(files: Readonly<Record<string, string | Uint8Array | { link: string }>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    if (typeof content === 'object' && 'link' in content) {
      return [encodeHeader(entry(name, { type: 'symlink', linkName: content.link }))];
    }
    if (name.endsWith('/')) return [encodeHeader(entry(name, { type: 'directory' }))];
    const bytes = Buffer.from(content);
    return [encodeHeader(entry(name, { type: 'file', size: bytes.length })), bytes, padding(bytes.length)];
  });
  return Buffer.concat([...parts, endOfArchive()]);
}

/** `bytes` in pieces, as a stream. */
export async function* streamOf(bytes: Uint8Array, pieceSize = 4096): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
}

function descriptor(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function entry(name: string, given: Pick<TarEntry, 'type'> & Partial<TarEntry>): TarEntry {
  return {
    name,
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: { seconds: 0, nanoseconds: 0 },
    uname: '',
    gname: '',
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
    ...given,
  };
}
