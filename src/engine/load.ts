import { GantryError } from '#errors';
import type { Change, ImageRecord, LayerRecord } from '#metadata';
import {
  canonicalString,
  type Digest,
  type ImageConfig,
  type ImageId,
  type ImageManifest,
  mediaTypes,
  parseImageId,
  parseManifest,
  type Platform,
  type Reference,
  selectManifest,
} from '#oci';
import { findImages } from './archive-images.ts';
import { readArchive } from './archive-reader.ts';
import { readConfig, readDocument } from './blobs.ts';
import { sweep } from './collect.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { type LayerPlan, planLayers } from './layer-plan.ts';
import type { FoundTarget } from './found-target.ts';
import { type Hold, withLease } from './lease.ts';
import { imageFor } from './platform-images.ts';
import { createLayerReader } from './read-layer.ts';
import { recordOf } from './record.ts';

export type LoadEvent =
  /** A layer is being read; bytes of its blob. */
  | { readonly type: 'layer'; readonly diffId: Digest; readonly current: number; readonly total: number }
  | { readonly type: 'loaded'; readonly id: ImageId; readonly tag: Reference | undefined }
  /** The tag stood for another image, which has lost it. */
  | { readonly type: 'moved'; readonly tag: Reference; readonly from: ImageId };

export interface LoadOptions {
  /** Only images for this platform, one of each index. */
  readonly platform?: Platform;
  readonly signal?: AbortSignal;
  readonly report?: (event: LoadEvent) => void;
}

/**
 * Takes in the images of an archive: Docker's own, of any age, or an OCI layout; plain or compressed. Everything is verified:
 * blobs against their digests, layers against their diff ids. A tag that exists moves. When it fails, the images
 * before the one that failed are there, and nothing else of the archive.
 *
 * @throws what `readArchive`, `findImages`, `planLayers` and the unpacker throw
 */
export async function loadImages(
  engine: Engine,
  source: AsyncIterable<Uint8Array>,
  { platform, signal = new AbortController().signal, report = () => undefined }: LoadOptions = {},
): Promise<void> {
  const touched = await withLease(engine, async (hold) => {
    const archive = await readArchive(engine, source, { hold, signal });
    const targets = await findImages(engine, archive, { hold, signal });
    for (const found of targets) {
      const images = await readImages(engine, found, { platform, hold, signal, report });
      await commit(engine, found, { images, report });
    }
    return [...archive.blobs, ...targets.flatMap(({ images }) => images)];
  });
  // What the archive had besides its images (lists, images for other platforms) does not stay.
  await sweep(engine, touched);
}

interface ReadOptions {
  readonly platform: Platform | undefined;
  readonly hold: Hold;
  readonly signal: AbortSignal;
  readonly report: (event: LoadEvent) => void;
}

interface FoundImage {
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

/** The records of the images once their layers are read: all, or the one for the platform that was asked for. */
async function readImages(
  engine: Engine,
  { images: manifests, companions, parent }: FoundTarget,
  { platform, ...options }: ReadOptions,
): Promise<readonly ImageRecord[]> {
  const found: FoundImage[] = [];
  for (const digest of manifests) found.push(await readFound(engine, digest));
  const wanted = platform === undefined ? found : bestOf(found, platform);
  const images: ImageRecord[] = [];
  for (const image of wanted) images.push(await readImage(engine, image, { ...options, parent }));
  const together = [...companions, ...(images.length > 1 ? images.map(({ manifest }) => manifest) : [])];
  await options.hold(together);
  return images.map((image) => ({ ...image, content: [...new Set([...image.content, ...together])] }));
}

async function readFound(engine: Engine, digest: Digest): Promise<FoundImage> {
  const manifest = parseManifest(await readDocument(engine.content, digest));
  if (manifest.kind === 'index') throw new TypeError('an image is found by its manifest');
  return { digest, manifest, config: await readConfig(engine.content, manifest.config.digest) };
}

function bestOf(found: readonly FoundImage[], platform: Platform): readonly FoundImage[] {
  const manifests = found.map(({ digest, config: { os, architecture, variant } }) => ({
    mediaType: mediaTypes.ociManifest,
    digest,
    size: 0,
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
  }));
  const best = selectManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests }, platform);
  return found.filter(({ digest }) => digest === best?.digest);
}

async function readImage(
  engine: Engine,
  { digest, manifest, config }: FoundImage,
  { hold, parent, ...options }: Omit<ReadOptions, 'platform'> & { parent: ImageId | undefined },
): Promise<ImageRecord> {
  const plans = plansInDockersWords(manifest, config);
  await hold([
    digest,
    manifest.config.digest,
    ...plans.flatMap((plan) => [plan.descriptor.digest, plan.diffId, plan.chainId]),
  ]);
  const layers = await readLayers(engine, plans, options);
  return recordOf(engine, {
    id: parseImageId(manifest.config.digest),
    config,
    manifest: digest,
    layers,
    content: [],
    ...(parent === undefined ? {} : { parent }),
  });
}

/** moby image/tarexport/load.go words it as a fault of the archive. @throws corrupt `layers-mismatch` */
function plansInDockersWords(manifest: ImageManifest, config: ImageConfig): readonly LayerPlan[] {
  const [expected, actual] = [manifest.layers.length, config.diffIds.length];
  if (expected === actual) return planLayers(manifest, config);
  throw new GantryError(
    'corrupt',
    'layers-mismatch',
    `invalid manifest, layers length mismatch: expected ${expected}, got ${actual}`,
    { subject: { config: manifest.config.digest } },
  );
}

async function readLayers(
  engine: Engine,
  plans: readonly LayerPlan[],
  { signal, report }: { signal: AbortSignal; report: (event: LoadEvent) => void },
): Promise<readonly LayerRecord[]> {
  const failure = new AbortController();
  const reader = createLayerReader(engine, plans, AbortSignal.any([signal, failure.signal]));
  const work = plans.map(async (plan) => {
    try {
      const known = await reader.known(plan);
      if (known !== undefined) return known;
      const { diffId, descriptor } = plan;
      return await reader.read(plan, {
        onProgress: (current) => {
          report({ type: 'layer', diffId, current, total: descriptor.size });
        },
      });
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(work);
  failure.signal.throwIfAborted();
  return Promise.all(work);
}

async function commit(
  engine: Engine,
  { target, tags, isStep = false }: FoundTarget,
  { images, report }: { images: readonly ImageRecord[]; report: (event: LoadEvent) => void },
): Promise<void> {
  const named = imageFor(engine.platform, images) ?? images[0];
  if (named === undefined) return;
  const changes: Change[] = images.map((image) => ({ put: 'image', image }));
  for (const tag of tags) {
    const name = canonicalString(tag);
    const before = await engine.metadata.name(name);
    if (before !== undefined && before.image !== named.id) report({ type: 'moved', tag, from: before.image });
    changes.push({ put: 'name', name: { name, image: named.id, target }, at: engine.clock() });
  }
  await engine.metadata.commit(changes);
  for (const tag of tags) report({ type: 'loaded', id: named.id, tag });
  if (tags.length === 0 && !isStep) {
    for (const { id } of images) report({ type: 'loaded', id, tag: undefined });
  }
  for (const image of images) engine.events.publish(imageEvent(engine, 'load', image, image.id));
}
