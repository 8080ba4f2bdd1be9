import { loadImages, type LoadEvent, type LoadOptions } from '#engine';
import { digestHex, digestOf, encodeManifest, mediaTypes, type Descriptor } from '#oci';
import { composeImage, streamOf, tarOf } from './compose-image.ts';
import type { RandomImage } from './random-image.ts';
import type { TestEngine } from './test-engine.ts';

export type Files = Readonly<Record<string, string | Uint8Array | { link: string }>>;

export const plainImage = composeImage(
  ['a', 'b'].map((name) => {
    const tar = tarOf({ [name]: name });
    return { tar, blob: tar };
  }),
);

export function blob(bytes: Uint8Array): string {
  return `blobs/sha256/${digestHex(digestOf(bytes))}`;
}

export function blobs(image: RandomImage): Record<string, Uint8Array> {
  return Object.fromEntries(
    [image.manifest, image.config, ...image.layers].map((bytes) => [blob(bytes), bytes]),
  );
}

export function index(manifests: readonly Descriptor[]): Uint8Array {
  return encodeManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests: [...manifests] });
}

export function list(
  image: RandomImage,
  tags: readonly string[] | null = ['b:1'],
  layers = image.layers.map(blob),
): object {
  return { Config: blob(image.config), RepoTags: tags, Layers: layers };
}

export async function load(
  made: TestEngine,
  files: Files | Uint8Array,
  options: LoadOptions = {},
): Promise<LoadEvent[]> {
  const events: LoadEvent[] = [];
  const archive = files instanceof Uint8Array ? files : tarOf(files);
  await loadImages(made.engine, streamOf(archive, 1000), {
    ...options,
    report: (event) => events.push(event),
  });
  return events;
}

/** As docker 25 to 28 saves: plain layers, an OCI index beside Docker's list, and the configs of old. */
export function dockerArchive(image: RandomImage, tags: readonly string[] | null = ['b:1']): Files {
  return {
    'blobs/': '',
    'blobs/sha256/': '',
    ...blobs(image),
    [blob(Buffer.from('{"id":"legacy"}'))]: '{"id":"legacy"}',
    'index.json': index([image.descriptors.manifest]),
    'manifest.json': JSON.stringify([{ ...list(image, tags), LayerSources: {} }]),
    'oci-layout': '{"imageLayoutVersion": "1.0.0"}',
    repositories: '{"b":{"1":"0"}}',
  };
}
