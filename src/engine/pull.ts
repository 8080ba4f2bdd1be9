import { GantryError } from '#errors';
import type { Change, ImageRecord } from '#metadata';
import {
  canonicalName,
  canonicalString,
  type Digest,
  familiarName,
  familiarString,
  matchesPlatform,
  type Platform,
  type Reference,
  withDefaultTag,
  withTag,
} from '#oci';
import type { Registry } from '#registry';
import type { Engine, RegistryAuth } from './engine.ts';
import { imageEvent } from './events.ts';
import { fetchImages } from './fetch-image.ts';
import type { LayerEvent } from './fetch-layers.ts';
import { withLease } from './lease.ts';
import { imageFor, platformOf } from './platform-images.ts';
import { inDockersWords, resolveRemote } from './remote-manifest.ts';
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
  /** Several images of an index, or all of it with what is no image; instead of `platform`. */
  readonly platforms?: readonly Platform[] | 'all';
  readonly auth?: RegistryAuth;
  readonly signal?: AbortSignal;
  readonly report?: (event: PullEvent) => void;
}

export interface PullResult {
  /** The digest of what the reference stands for: an index or a manifest. */
  readonly digest: Digest;
  /**
   * Whether the name is new here or stands for another image than before, or an image for another platform came
   * along; another index around the same image is no change.
   */
  readonly changed: boolean;
  /** The image's platform, when it is not the one that was asked for by name. */
  readonly mismatch: Platform | undefined;
}

/**
 * Brings an image here, whole, and gives it its name; with `platforms` the images of an index for each of them, and
 * the name is that of all. Indexes, manifests, configs and layers are kept byte for byte. What was fetched before a
 * failure stays for the next try.
 *
 * @param reference without tag and digest it means `latest`
 * @throws forbidden `reference-reserved` for `scratch`; not-found `manifest-unknown`, `name-unknown`,
 *   `pull-denied`, `platform-unknown`; unsupported `not-an-image`; corrupt `manifest-digest`, `blob-digest`,
 *   `layer-diff-id`, `layers-mismatch`; what RegistryReader, ContentStore and Unpacker throw
 */
export async function pullImage(
  engine: Engine,
  reference: Reference,
  {
    platform,
    platforms = [platform ?? engine.platform],
    auth,
    signal = new AbortController().signal,
    report = () => undefined,
  }: PullOptions = {},
): Promise<PullResult> {
  refuseReserved(reference);
  const registry = engine.registries.open(reference.domain, auth);
  const wanted = reference.digest === undefined ? withDefaultTag(reference) : reference;
  const remote = await resolveRemote(registry, wanted, { platforms, signal });
  const target = remote.target.digest;
  report({ type: 'pulling', reference: wanted });
  const { image, changed } = await withLease(
    engine,
    async (hold) => {
      const from = { registry, repository: wanted.path, signal, report, hold };
      return nameImages(engine, wanted, { target, images: await fetchImages(engine, remote, from) });
    },
    {
      unfinished: `pull-${remote.images.length === 1 ? (remote.images[0]?.stored.digest ?? target) : target}`,
    },
  );
  report({ type: 'pulled', digest: target });
  engine.events.publish(
    imageEvent(engine, 'pull', { ...image, id: familiarString(wanted) }, familiarName(wanted)),
  );
  const offered = platformOf(image);
  const mismatch = platform === undefined || matchesPlatform(platform, offered) ? undefined : offered;
  return { digest: target, changed, mismatch };
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

/**
 * Makes the images and their names visible at once. The names point to the image for this machine, or to the first.
 * Answers which it is, and whether anything is new.
 */
async function nameImages(
  engine: Engine,
  reference: Reference,
  { target, images }: { target: Digest; images: readonly ImageRecord[] },
): Promise<{ image: ImageRecord; changed: boolean }> {
  const { domain, path } = reference;
  const image = imageFor(engine.platform, images) ?? images[0];
  if (image === undefined) throw new RangeError('a pull brings one image or more');
  const name = lookupName(reference);
  const before = await engine.metadata.name(name);
  const known = await Promise.all(images.map(({ id }) => engine.metadata.image(id)));
  const at = engine.clock();
  const names = new Set([name, canonicalString({ domain, path, digest: target })]);
  const repository = canonicalName(reference);
  const blobs = new Set(images.flatMap(({ layers }) => layers.map(({ blob }) => blob)));
  await engine.metadata.commit([
    ...images.map((each): Change => ({ put: 'image', image: each })),
    ...[...names].map((each): Change => ({ put: 'name', name: { name: each, image: image.id, target }, at })),
    ...[...blobs].map((blob): Change => ({ put: 'source', blob, repository })),
  ]);
  return { image, changed: before?.image !== image.id || known.includes(undefined) };
}
