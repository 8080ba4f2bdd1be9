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

/** Whether the manifest is an image's, not an artifact's (a chart, a signature): that has another config, and no layers. */
export function isImageManifest({ config }: ImageManifest): boolean {
  return configTypes.has(config.mediaType);
}
