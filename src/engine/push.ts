import { GantryError } from '#errors';
import type { Change, ImageRecord, NameRecord } from '#metadata';
import {
  canonicalName,
  canonicalString,
  type Descriptor,
  type Digest,
  familiarName,
  familiarString,
  parseReference,
  type Platform,
  type Reference,
  withDefaultTag,
} from '#oci';
import type { Registry } from '#registry';
import { pushBlob } from '#transfer';
import { digestsOf } from './collect.ts';
import type { Engine, RegistryAuth } from './engine.ts';
import { imageEvent } from './events.ts';
import { createGate } from './gate.ts';
import { requirePlatform } from './inspect.ts';
import { openLease } from './lease.ts';
import { pushableManifest } from './pushable.ts';
import { imageOf, lookupName } from './resolve.ts';

export type PushEvent =
  | { readonly type: 'pushing'; readonly repository: Reference }
  | {
      readonly type: 'layer';
      readonly diffId: Digest;
      readonly state: 'preparing' | 'waiting' | 'pushing' | 'pushed' | 'exists' | 'mounted';
      /** Bytes of the blob. */
      readonly current?: number;
      readonly total?: number;
      /** The repository (its path) that it was mounted from. */
      readonly from?: string;
    }
  | { readonly type: 'pushed'; readonly tag: string; readonly digest: Digest; readonly size: number };

export interface PushOptions {
  readonly auth?: RegistryAuth;
  /** Refuses an image for another platform. */
  readonly platform?: Platform;
  readonly signal?: AbortSignal;
  readonly report?: (event: PushEvent) => void;
}

/**
 * Sends an image to the registry that its name tells, with the name's tag: first what the registry lacks of its
 * blobs, then the manifest, byte for byte.
 *
 * @throws not-found `image-unnamed` (no image has the repository's name), `tag-unknown`, `image-platform`;
 *   invalid-argument `reference-digest`; what RegistryWriter throws
 */
export async function pushImage(
  engine: Engine,
  reference: Reference,
  options: PushOptions = {},
): Promise<void> {
  if (reference.digest !== undefined) {
    throw new GantryError('invalid-argument', 'reference-digest', 'cannot push a digest reference');
  }
  const tagged = withDefaultTag(reference);
  const name = await engine.metadata.name(lookupName(tagged));
  options.report?.({ type: 'pushing', repository: reference });
  if (name === undefined) {
    const names = await namesIn(engine, reference);
    throw names.length === 0 ? unnamed(reference) : tagUnknown(tagged);
  }
  await pushName(engine, name, options);
}

/** Pushes every tag of a repository. @throws as `pushImage` */
export async function pushAllTags(
  engine: Engine,
  repository: Reference,
  options: PushOptions = {},
): Promise<void> {
  options.report?.({ type: 'pushing', repository });
  const names = await namesIn(engine, repository);
  const tagged = names.filter(({ name }) => parseReference(name).tag !== undefined);
  if (tagged.length === 0) throw unnamed(repository);
  for (const name of tagged) await pushName(engine, name, options);
}

async function namesIn(engine: Engine, repository: Reference): Promise<NameRecord[]> {
  const wanted = canonicalName(repository);
  return (await engine.metadata.names()).filter(({ name }) => canonicalName(parseReference(name)) === wanted);
}

function unnamed(repository: Reference): GantryError {
  const name = familiarName(repository);
  return new GantryError(
    'not-found',
    'image-unnamed',
    `An image does not exist locally with the tag: ${name}`,
    {
      subject: { repository: name },
    },
  );
}

function tagUnknown(reference: Reference): GantryError {
  const name = familiarString(reference);
  return new GantryError('not-found', 'tag-unknown', `tag does not exist: ${name}`, {
    subject: { image: name },
  });
}

async function pushName(
  engine: Engine,
  name: NameRecord,
  { auth, platform, signal = new AbortController().signal, report = () => undefined }: PushOptions,
): Promise<void> {
  const reference = parseReference(name.name);
  const { domain, path, tag = 'latest' } = reference;
  const image = await imageOf(engine, name.image);
  requirePlatform(image, familiarString(reference), platform);
  // An image may be removed while it is pushed; its bytes then go when they are sent.
  await using lease = await openLease(engine);
  await lease.hold(digestsOf(image));
  const { bytes, digest, manifest } = await pushableManifest(engine, image, { digest: name.target, signal });
  const registry = engine.registries.open(domain, auth);
  await pushLayers(engine, { registry, reference, image, layers: manifest.layers, signal, report });
  await sendBlob(engine, { registry, reference, descriptor: manifest.config, signal });
  await registry.putManifest(path, tag, { bytes, mediaType: manifest.mediaType }, { signal });
  const repository = canonicalName(reference);
  const at = engine.clock();
  await engine.metadata.commit([
    { put: 'name', name: { name: name.name, image: image.id, target: digest }, at },
    {
      put: 'name',
      name: { name: canonicalString({ domain, path, digest }), image: image.id, target: digest },
      at,
    },
    ...manifest.layers.map(({ digest: blob }): Change => ({ put: 'source', blob, repository })),
  ]);
  report({ type: 'pushed', tag, digest, size: bytes.length });
  const id = familiarString(reference);
  engine.events.publish(imageEvent(engine, 'push', { ...image, id }, familiarName(reference)));
}

interface Destination {
  readonly registry: Registry;
  readonly reference: Reference;
  readonly signal: AbortSignal;
}

async function pushLayers(
  engine: Engine,
  {
    image,
    layers,
    report,
    ...to
  }: Destination & { image: ImageRecord; layers: readonly Descriptor[]; report: (event: PushEvent) => void },
): Promise<void> {
  const gate = createGate(engine.limits.concurrentUploads);
  const failure = new AbortController();
  const signal = AbortSignal.any([to.signal, failure.signal]);
  // Docker speaks of the top layer first.
  const work = layers.toReversed().map((descriptor, fromTop) => ({
    descriptor,
    diffId: image.layers[layers.length - 1 - fromTop]?.diffId ?? descriptor.digest,
  }));
  for (const { diffId } of work) report({ type: 'layer', diffId, state: 'preparing' });
  const running = work.map(async ({ descriptor, diffId }) => {
    const say = (state: 'waiting' | 'pushing' | 'pushed' | 'exists' | 'mounted', more = {}) => {
      report({ type: 'layer', diffId, state, ...more });
    };
    try {
      using _place = await gate.enter({
        signal,
        onWait: () => {
          say('waiting');
        },
      });
      const done = await sendBlob(engine, {
        ...to,
        signal,
        descriptor,
        onProgress: (current) => {
          say('pushing', { current, total: descriptor.size });
        },
      });
      if (done.how === 'mounted') say('mounted', { from: done.from });
      else say(done.how === 'exists' ? 'exists' : 'pushed');
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(running);
  failure.signal.throwIfAborted();
}

async function sendBlob(
  engine: Engine,
  {
    registry,
    reference,
    descriptor,
    signal,
    onProgress,
  }: Destination & { descriptor: Descriptor; onProgress?: (bytes: number) => void },
): ReturnType<typeof pushBlob> {
  const here = canonicalName(reference);
  const sources = (await engine.metadata.sources(descriptor.digest))
    .map(parseReference)
    .filter((source) => source.domain === reference.domain && canonicalName(source) !== here)
    .map(({ path }) => path);
  return pushBlob({
    registry,
    repository: reference.path,
    descriptor,
    store: engine.content,
    sources,
    signal,
    onProgress,
  });
}
