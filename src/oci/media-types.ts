/**
 * The media types that images are made of. Sources: image-spec media-types.md; distribution's
 * "Image Manifest Version 2, Schema 2".
 */
export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociForeignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ociForeignLayerGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ociForeignLayerZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  /** The two bytes `{}`: the config of an artifact that has none. */
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  dockerForeignLayer: 'application/vnd.docker.image.rootfs.foreign.diff.tar',
  dockerForeignLayerGzip: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const;

const m = mediaTypes;
const indexes = new Set<string>([m.ociIndex, m.dockerManifestList]);
const manifests = new Set<string>([m.ociManifest, m.dockerManifest]);
const foreignLayers = new Set<string>([
  m.ociForeignLayer,
  m.ociForeignLayerGzip,
  m.ociForeignLayerZstd,
  m.dockerForeignLayer,
  m.dockerForeignLayerGzip,
]);
const layers = new Set<string>([
  m.ociLayer,
  m.ociLayerGzip,
  m.ociLayerZstd,
  m.dockerLayer,
  m.dockerLayerGzip,
  m.dockerLayerZstd,
  ...foreignLayers,
]);

/** Whether it is a list of manifests: an OCI index or a Docker manifest list. */
export function isIndexType(mediaType: string): boolean {
  return indexes.has(mediaType);
}

/** Whether it is the manifest of one image or artifact: OCI, or Docker schema 2. */
export function isManifestType(mediaType: string): boolean {
  return manifests.has(mediaType);
}

/** Whether it is the manifest of Docker's schema 1, which is recognised only to be refused. */
export function isSchema1Type(mediaType: string): boolean {
  return mediaType === m.dockerSchema1 || mediaType === m.dockerSchema1Signed;
}

/** Whether it is a file system layer, compressed or not, foreign ones included. */
export function isLayerType(mediaType: string): boolean {
  return layers.has(mediaType);
}

/** Whether it is a layer that registries may lack and that is not pushed (Docker: foreign). */
export function isForeignLayerType(mediaType: string): boolean {
  return foreignLayers.has(mediaType);
}

/** What to send as Accept for manifests, the preferred first: indexes, so that a platform can be chosen. */
export const acceptManifests: readonly string[] = [
  m.ociIndex,
  m.dockerManifestList,
  m.ociManifest,
  m.dockerManifest,
];
