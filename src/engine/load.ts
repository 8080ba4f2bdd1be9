import type { Change, ImageRecord, LayerRecord } from '#metadata';
import { decompress } from '#layer';
import {
  canonicalString,
  type Digest,
  familiarString,
  type ImageId,
  matchesPlatform,
  parseImageId,
  parseManifest,
  type Platform,
  type Reference,
} from '#oci';
import { findImages, type FoundImage } from './archive-images.ts';
import { type Archive, readArchive } from './archive-reader.ts';
import { readConfig, readDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { platformOf } from './inspect.ts';
import { withLease } from './lease.ts';
import { createLayerReader, type LayerPlan, planLayers } from './read-layer.ts';
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
 * blobs against their digests, layers against their diff ids. A tag that exists moves.
 *
 * @throws what `readArchive`, `findImages`, `planLayers` and the unpacker throw
 */
export async function loadImages(
  engine: Engine,
  source: AsyncIterable<Uint8Array>,
  { platform, signal = new AbortController().signal, report = () => undefined }: LoadOptions = {},
): Promise<void> {
  const archive = await withLease(engine, async (hold) => {
    const archive = await readArchive(engine, decompress(source), { hold, signal });
    for (const found of await findImages(engine, archive)) {
      const image = await readImage(engine, found, { hold, signal, report });
      if (platform === undefined || matchesPlatform(platform, platformOf(image))) {
        await commit(engine, image, found, report);
      }
    }
    return archive;
  });
  await dropRest(engine, archive);
}

async function readImage(
  engine: Engine,
  { manifest: digest }: FoundImage,
  {
    hold,
    signal,
    report,
  }: {
    hold: (digests: readonly Digest[]) => Promise<void>;
    signal: AbortSignal;
    report: (event: LoadEvent) => void;
  },
): Promise<ImageRecord> {
  const manifest = parseManifest(await readDocument(engine.content, digest));
  if (manifest.kind === 'index') throw new TypeError('an image is found by its manifest');
  const config = await readConfig(engine.content, manifest.config.digest);
  const plans = planLayers(manifest, config);
  await hold([
    digest,
    manifest.config.digest,
    ...plans.flatMap((plan) => [plan.descriptor.digest, plan.diffId, plan.chainId]),
  ]);
  const layers = await readLayers(engine, plans, { signal, report });
  return recordOf(engine, {
    id: parseImageId(manifest.config.digest),
    config,
    manifest: digest,
    layers,
    content: [],
  });
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
    engine.events.publish(
      imageEvent(engine, 'load', image, tag === undefined ? image.id : familiarString(tag)),
    );
  }
}

/** What the archive had besides its images (lists, images for other platforms) does not stay. */
async function dropRest(engine: Engine, { blobs }: Archive): Promise<void> {
  await engine.metadata.sweep(blobs, engine.clock(), (digest) => engine.content.delete(digest));
}
