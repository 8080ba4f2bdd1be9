import type { Engine } from '#engine';
import type { ImageRecord } from '#metadata';
import {
  canonicalString,
  chainIds,
  digestOf,
  imageIdOf,
  parseReference,
  withDefaultTag,
  type Digest,
  type ImageId,
} from '#oci';

/** The digest of a word: a different one for each. */
export function digestFor(word: string): Digest {
  return digestOf(Buffer.from(word));
}

/** The id of the image that `putRecord` makes for a word. */
export function idFor(word: string): ImageId {
  return imageIdOf(Buffer.from(`config of ${word}`));
}

/**
 * Tells an engine of an image without any bytes, for verbs that look at facts only. Layers are named by words, base
 * first, and have 10 bytes each; images with the same words at the bottom share those layers.
 */
export async function putRecord(
  { metadata }: Engine,
  word: string,
  {
    layers = [word],
    names = [],
    ...given
  }: { layers?: readonly string[]; names?: readonly string[] } & Partial<Omit<ImageRecord, 'layers'>> = {},
): Promise<ImageRecord> {
  const diffIds = layers.map((layer) => digestFor(`tar of ${layer}`));
  const chain = chainIds(diffIds);
  const records = layers.map((layer, n) => ({
    blob: digestFor(`blob of ${layer}`),
    diffId: diffIds[n]!,
    chainId: chain[n]!,
    size: 10,
  }));
  const id = idFor(word);
  const manifest = digestFor(`manifest of ${word}`);
  const image: ImageRecord = {
    id,
    manifest,
    created: '2024-01-01T00:00:00Z',
    size: 10 * layers.length,
    os: 'linux',
    architecture: 'amd64',
    variant: undefined,
    labels: undefined,
    parent: undefined,
    lastTagged: undefined,
    layers: records,
    content: [manifest, id, ...records.map(({ blob }) => blob)],
    ...given,
  };
  const named = names.map((name) => canonicalString(withDefaultTag(parseReference(name))));
  await metadata.commit([
    { put: 'image', image },
    ...named.map((name) => ({ put: 'name', name: { name, image: id, target: manifest }, at: 0 }) as const),
  ]);
  return image;
}
