import { GantryError } from '#errors';
import type { Change, ImageRecord, LayerRecord } from '#metadata';
import {
  canonicalName,
  canonicalString,
  type Descriptor,
  type Digest,
  familiarName,
  familiarString,
  type ImageConfig,
  matchesPlatform,
  maxImageConfigBytes,
  parseImageConfig,
  parseImageId,
  type Platform,
  type Reference,
  withDefaultTag,
  withTag,
} from '#oci';
import type { Registry } from '#registry';
import { fetchBlob } from '#transfer';
import { readDocument, writeDocument } from './blobs.ts';
import type { Engine, RegistryAuth } from './engine.ts';
import { imageEvent } from './events.ts';
import { fetchLayers, type FetchOptions, type LayerEvent } from './fetch-layers.ts';
import { isImageManifest } from './image-manifest.ts';
import { platformOf } from './inspect.ts';
import { type LayerPlan, planLayers } from './layer-plan.ts';
import { type Hold, withLease } from './lease.ts';
import { createLayerReader } from './read-layer.ts';
import { recordOf } from './record.ts';
import { inDockersWords, type RemoteImage, resolveRemote } from './remote-manifest.ts';
import { lookupName } from './resolve.ts';

export type PullEvent =
  /** The manifest is here; the layers follow. */
  | { readonly type: 'pulling'; readonly reference: Reference }
  | LayerEvent
  /** One reference is done: what it stands for at the registry. */
  | { readonly type: 'pulled'; readonly digest: Digest };

export interface PullOptions {
  /** Which image of an index; the engine's own platform when absent. */
  readonly platform?: Platform;
  readonly auth?: RegistryAuth;
  readonly signal?: AbortSignal;
  readonly report?: (event: PullEvent) => void;
}

export interface PullResult {
  /** The digest of what the reference stands for: an index or a manifest. */
  readonly digest: Digest;
  /** Whether the name is new here or stands for another image than before; another index around the same image is no change. */
  readonly changed: boolean;
  /** The image's platform, when it is not the one that was asked for by name. */
  readonly mismatch: Platform | undefined;
}

/**
 * Brings an image here, whole, and gives it its name. Manifests, config and layers are kept byte for byte. What
 * was fetched before a failure stays for the next try.
 *
 * @param reference without tag and digest it means `latest`
 * @throws forbidden `reference-reserved` for `scratch`; not-found `manifest-unknown`, `name-unknown`,
 *   `pull-denied`, `platform-unknown`; unsupported `not-an-image`; corrupt `manifest-digest`, `blob-digest`,
 *   `layer-diff-id`, `layers-mismatch`; what RegistryReader, ContentStore and Unpacker throw
 */
export async function pullImage(
  engine: Engine,
  reference: Reference,
  { platform, auth, signal = new AbortController().signal, report = () => undefined }: PullOptions = {},
): Promise<PullResult> {
  refuseReserved(reference);
  const registry = engine.registries.open(reference.domain, auth);
  const wanted = reference.digest === undefined ? withDefaultTag(reference) : reference;
  const remote = await resolveRemote(registry, wanted, { platform: platform ?? engine.platform, signal });
  refuseArtifact(remote);
  report({ type: 'pulling', reference: wanted });
  const { image, changed } = await withLease(
    engine,
    async (hold) => {
      const from = { registry, repository: wanted.path, signal, report, hold };
      const image = await fetchImage(engine, remote, from);
      return { image, changed: await nameImage(engine, wanted, { target: remote.target.digest, image }) };
    },
    { unfinished: `pull-${remote.stored.digest}` },
  );
  report({ type: 'pulled', digest: remote.target.digest });
  engine.events.publish(
    imageEvent(engine, 'pull', { ...image, id: familiarString(wanted) }, familiarName(wanted)),
  );
  const offered = platformOf(image);
  const mismatch = platform === undefined || matchesPlatform(platform, offered) ? undefined : offered;
  return { digest: remote.target.digest, changed, mismatch };
}

/**
 * Pulls every tag of a repository. @throws as `pullImage`
 */
export async function pullAllTags(
  engine: Engine,
  repository: Reference,
  options: PullOptions = {},
): Promise<{ readonly changed: boolean }> {
  refuseReserved(repository);
  const registry = engine.registries.open(repository.domain, options.auth);
  let changed = false;
  const waits = options.signal === undefined ? {} : { signal: options.signal };
  for await (const tag of tagsOf(registry, repository, waits)) {
    changed = (await pullImage(engine, withTag(repository, tag), options)).changed || changed;
  }
  return { changed };
}

async function* tagsOf(
  registry: Registry,
  repository: Reference,
  waits: { signal?: AbortSignal },
): AsyncGenerator<string> {
  try {
    yield* registry.tags(repository.path, waits);
  } catch (error) {
    throw inDockersWords(error, repository);
  }
}

function refuseReserved(reference: Reference): void {
  if (familiarName(reference) !== 'scratch') return;
  throw new GantryError('forbidden', 'reference-reserved', "'scratch' is a reserved name");
}

function refuseArtifact({ manifest }: RemoteImage): void {
  if (isImageManifest(manifest)) return;
  const { mediaType, digest } = manifest.config;
  throw new GantryError(
    'unsupported',
    'not-an-image',
    `${digest} is not a container image: its config has the media type "${mediaType}"`,
    { subject: { mediaType } },
  );
}

async function fetchImage(
  engine: Engine,
  { target, manifest, stored, indexes }: RemoteImage,
  { hold, ...from }: FetchOptions & { hold: Hold },
): Promise<ImageRecord> {
  const blobs = [manifest.config, ...manifest.layers].map(({ digest }) => digest);
  await hold([target.digest, stored.digest, ...indexes.map(({ digest }) => digest), ...blobs]);
  const config = await fetchConfig(engine, manifest.config, from);
  const plans = planLayers(manifest, config);
  await hold(plans.flatMap(({ diffId, chainId }) => [diffId, chainId]));
  const layers = await layersOfKnownImage(engine, plans, from);
  for (const { bytes } of [...indexes, stored]) await writeDocument(engine.content, bytes, from.signal);
  return recordOf(engine, {
    id: parseImageId(manifest.config.digest),
    config,
    manifest: stored.digest,
    layers,
    content: indexes.map(({ digest }) => digest),
  });
}

async function fetchConfig(
  engine: Engine,
  descriptor: Descriptor,
  { registry, repository, signal }: FetchOptions,
): Promise<ImageConfig> {
  if (descriptor.size > maxImageConfigBytes) {
    throw new GantryError(
      'resource-exhausted',
      'document-too-large',
      `image config ${descriptor.digest} is said to have ${descriptor.size} bytes, more than a config may have (${maxImageConfigBytes})`,
      { subject: { digest: descriptor.digest } },
    );
  }
  await fetchBlob({
    reader: registry,
    repository,
    descriptor,
    store: engine.content,
    signal,
    attempts: engine.limits.downloadAttempts,
  });
  return parseImageConfig(await readDocument(engine.content, descriptor.digest));
}

/** Fetches the layers; without a word of them when all are here, as docker pulls an image that it has. */
async function layersOfKnownImage(
  engine: Engine,
  plans: readonly LayerPlan[],
  from: FetchOptions,
): Promise<readonly LayerRecord[]> {
  const reader = createLayerReader(engine, plans, from.signal);
  const known = await Promise.all(plans.map((plan) => reader.known(plan)));
  const all = known.filter((layer) => layer !== undefined);
  return all.length === plans.length ? all : fetchLayers(engine, plans, from);
}

/** Makes the image and its names visible at once. Answers whether the name is new or moved. */
async function nameImage(
  engine: Engine,
  reference: Reference,
  { target, image }: { target: Digest; image: ImageRecord },
): Promise<boolean> {
  const { domain, path } = reference;
  const name = lookupName(reference);
  const before = await engine.metadata.name(name);
  const at = engine.clock();
  const names = new Set([name, canonicalString({ domain, path, digest: target })]);
  const repository = canonicalName(reference);
  await engine.metadata.commit([
    { put: 'image', image },
    ...[...names].map((each): Change => ({ put: 'name', name: { name: each, image: image.id, target }, at })),
    ...image.layers.map(({ blob }): Change => ({ put: 'source', blob, repository })),
  ]);
  return before?.image !== image.id;
}
