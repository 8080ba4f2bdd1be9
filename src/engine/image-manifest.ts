import type { ImageManifest } from '#oci';

/**
 * What the config of an image is called. The last three stand in images of old, whose registry or pusher did not
 * know better (moby distribution/pull_v2.go, `ImageTypes`): whether the config is one is seen when it is parsed.
 */
const configTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
  'application/octet-stream',
  'application/json',
  'text/html',
]);

/** The layers of an attestation, whose config says that it is an image's (BuildKit's attestation storage). */
const inTotoType = 'application/vnd.in-toto+json';

/** Whether the manifest is an image's, not that of an artifact (a chart, a signature) or an attestation. */
export function isImageManifest({ config, layers }: ImageManifest): boolean {
  return configTypes.has(config.mediaType) && !layers.some(({ mediaType }) => mediaType === inTotoType);
}
