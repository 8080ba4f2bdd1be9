/**
 * Images for tests: small, valid and different for each seed. Equal arguments give equal bytes on one machine
 * (the compressed ones depend on its zlib).
 */
import { gzipSync } from 'node:zlib';
import {
  digestOf,
  encodeImageConfig,
  encodeManifest,
  imageIdOf,
  mediaTypes,
  type Descriptor,
  type Digest,
  type ImageId,
  type Platform,
} from '#oci';

export interface RandomImage {
  readonly manifest: Uint8Array;
  readonly config: Uint8Array;
  /** The layers as they are stored: gzip. The lowest first, as are `tars` and `diffIds`. */
  readonly layers: readonly Uint8Array[];
  /** The layers uncompressed. */
  readonly tars: readonly Uint8Array[];
  readonly diffIds: readonly Digest[];
  readonly imageId: ImageId;
  readonly descriptors: {
    readonly manifest: Descriptor;
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
  };
}

interface RandomImageOptions {
  /** How many layers; 2 unless told. */
  readonly layers?: number;
  readonly seed?: number;
  /** Bytes of the one file in each layer; 1000 unless told. They do not compress. */
  readonly fileSize?: number;
  readonly platform?: Platform;
}

/** Marsaglia's xorshift32: bytes that are the same for the same seed. */
function randomBytes(length: number, seed: number): Uint8Array {
  // The multiplier spreads neighbouring seeds; zero would stay zero.
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}

/** A tar of one regular file, mode 0644, owned by root, of 1 January 1970 (POSIX ustar). */
function tarOf(name: string, content: Uint8Array): Uint8Array {
  const block = 512;
  const tar = Buffer.alloc((3 + Math.ceil(content.length / block)) * block);
  const octal = (value: number, at: number, width: number): void => {
    tar.write(value.toString(8).padStart(width - 1, '0'), at);
  };
  tar.write(name, 0);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  tar.write('        0', 148);
  tar.write('ustar\x0000', 257);
  const sum = tar.subarray(0, block).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  tar.set(content, block);
  return tar;
}

const descriptorOf = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});

/** An OCI image whose layer `n` holds the file `layer-n` of random bytes. */
export function randomImage({
  layers = 2,
  seed = 0,
  fileSize = 1000,
  platform = { os: 'linux', architecture: 'amd64' },
}: RandomImageOptions = {}): RandomImage {
  const tars = Array.from({ length: layers }, (_, n) =>
    tarOf(`layer-${n}`, randomBytes(fileSize, seed * 1000 + n)),
  );
  const blobs = tars.map((tar) => gzipSync(tar));
  const diffIds = tars.map((tar) => digestOf(tar));
  const created = '2024-01-01T00:00:00Z';
  const config = encodeImageConfig({
    ...platform,
    created,
    config: { Cmd: ['/bin/sh'], Env: ['PATH=/bin'], Labels: { seed: String(seed) } },
    diffIds,
    history: tars.map((_, n) => ({ created, createdBy: `COPY layer-${n} /` })),
  });
  const descriptors = {
    config: descriptorOf(mediaTypes.ociConfig, config),
    layers: blobs.map((blob) => descriptorOf(mediaTypes.ociLayerGzip, blob)),
  };
  const manifest = encodeManifest({ kind: 'manifest', mediaType: mediaTypes.ociManifest, ...descriptors });
  return {
    manifest,
    config,
    layers: blobs,
    tars,
    diffIds,
    imageId: imageIdOf(config),
    descriptors: {
      ...descriptors,
      manifest: { ...descriptorOf(mediaTypes.ociManifest, manifest), platform },
    },
  };
}
