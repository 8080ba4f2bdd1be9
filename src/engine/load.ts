import { GantryError } from '#errors';
import type { Change, ImageRecord, LayerRecord } from '#metadata';
import {
  canonicalString,
  type Digest,
  type ImageConfig,
  type ImageId,
  type ImageManifest,
  matchesPlatform,
  parseImageId,
  parseManifest,
  type Platform,
  type Reference,
} from '#oci';
import { findImages, type FoundImage } from './archive-images.ts';
import { readArchive } from './archive-reader.ts';
import { readConfig, readDocument } from './blobs.ts';
import { sweep } from './collect.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { type LayerPlan, planLayers } from './layer-plan.ts';
import { type Hold, withLease } from './lease.ts';
import { createLayerReader } from './read-layer.ts';
import { recordOf } from './record.ts';

export type LoadEvent =
  /** A layer is being read; bytes of its blob. */
  | { readonly type: 'layer'; readonly diffId: Digest; readonly current: number; readonly total: number }
  | { readonly type: 'loaded'; readonly id: ImageId; readonly tag: Reference | undefined }
  /** The tag stood for another image, which has lost it. */
  | { readonly type: 'moved'; readonly tag: Reference; readonly from: ImageId };

export interface LoadOptions {
  /** Only images for this platform. */
  readonly platform?: Platform;
  readonly signal?: AbortSignal;
  readonly report?: (event: LoadEvent) => void;
}

/**
 * Takes in the images of an archive: Docker's own, or an OCI layout; plain or compressed. Everything is verified:
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
    const images = await findImages(engine, archive, { platform: platform ?? engine.platform, hold });
    for (const found of images) {
      const image = await readImage(engine, found, { platform, hold, signal, report });
      if (image !== undefined) await commit(engine, image, found, report);
    }
    return [...archive.blobs, ...images.map(({ manifest }) => manifest)];
  });
  // What the archive had besides its images (lists, images for other platforms) does not stay.
  await sweep(engine, touched);
}

/** The image's record once its layers are read; undefined when it is for another platform. */
async function readImage(
  engine: Engine,
  { manifest: digest }: FoundImage,
  {
    platform,
    hold,
    ...options
  }: {
    platform: Platform | undefined;
    hold: Hold;
    signal: AbortSignal;
    report: (event: LoadEvent) => void;
  },
): Promise<ImageRecord | undefined> {
  const manifest = parseManifest(await readDocument(engine.content, digest));
  if (manifest.kind === 'index') throw new TypeError('an image is found by its manifest');
  const config = await readConfig(engine.content, manifest.config.digest);
  if (platform !== undefined && !matchesPlatform(platform, config)) return undefined;
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
  image: ImageRecord,
  { manifest, tags }: FoundImage,
  report: (event: LoadEvent) => void,
): Promise<void> {
  const changes: Change[] = [{ put: 'image', image }];
  for (const tag of tags) {
    const name = canonicalString(tag);
    const before = await engine.metadata.name(name);
    if (before !== undefined && before.image !== image.id) report({ type: 'moved', tag, from: before.image });
    changes.push({ put: 'name', name: { name, image: image.id, target: manifest }, at: engine.clock() });
  }
  await engine.metadata.commit(changes);
  for (const tag of tags.length === 0 ? [undefined] : tags) {
    report({ type: 'loaded', id: image.id, tag });
  }
  engine.events.publish(imageEvent(engine, 'load', image, image.id));
}
