import { GantryError } from '#errors';
import type { Change, ImageRecord, NameRecord } from '#metadata';
import {
  canonicalName,
  canonicalString,
  type Descriptor,
  type Digest,
  familiarName,
  familiarString,
  parseManifest,
  parseReference,
  type Platform,
  type Reference,
  withDefaultTag,
} from '#oci';
import { readDocument } from './blobs.ts';
import { digestsOf } from './collect.ts';
import type { Engine, RegistryAuth } from './engine.ts';
import { imageEvent } from './events.ts';
import { openLease } from './lease.ts';
import { readTarget } from './platform-images.ts';
import { pushableManifest } from './pushable.ts';
import { lookupName, resolveImage } from './resolve.ts';
import { isComplete, sendIndex } from './send-index.ts';
import { type Destination, sendBlob, sendLayers, type SentLayerEvent } from './send-layers.ts';

export type PushEvent =
  | { readonly type: 'pushing'; readonly repository: Reference }
  /** The name stands for an index of which not all is here: only `manifest` goes. */
  | { readonly type: 'narrowed'; readonly index: Descriptor; readonly manifest: Descriptor }
  | SentLayerEvent
  | { readonly type: 'pushed'; readonly tag: string; readonly digest: Digest; readonly size: number };

export interface PushOptions {
  readonly auth?: RegistryAuth;
  /** Only the manifest for this platform goes, under the tag. */
  readonly platform?: Platform;
  readonly signal?: AbortSignal;
  readonly report?: (event: PushEvent) => void;
}

/**
 * Sends an image to the registry that its name tells, with the name's tag: first what the registry lacks of its
 * blobs, then the manifest, byte for byte. A name that stands for an index of which all is here takes the index with
 * all that it names; of another index the image that the name points to.
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
  const { image } = await resolveImage(engine, familiarString(reference), { platform });
  // An image may be removed while it is pushed; its bytes then go when they are sent.
  await using lease = await openLease(engine);
  await lease.hold([...digestsOf(image), name.target]);
  const target = await readTarget(engine, name.target);
  const to = { registry: engine.registries.open(domain, auth), reference, signal, report };
  const isIndex = target.indexes.length > 0;
  const isWhole = isIndex && platform === undefined && (await isComplete(engine, target));
  const pushed = isWhole
    ? await sendIndex(engine, { target, image }, { ...to, hold: lease.hold })
    : await sendImage(engine, { name, image, narrows: isIndex && platform === undefined }, to);
  const { digest, bytes, mediaType, blobs } = pushed;
  await to.registry.putManifest(path, tag, { bytes, mediaType }, { signal });
  const repository = canonicalName(reference);
  const at = engine.clock();
  const byDigest = canonicalString({ domain, path, digest });
  // An index that is not here as a whole stays what the name stands for: its other platforms may still come.
  const stands = isIndex ? name.target : digest;
  await engine.metadata.commit([
    { put: 'name', name: { name: name.name, image: name.image, target: stands }, at },
    { put: 'name', name: { name: byDigest, image: isWhole ? name.image : image.id, target: digest }, at },
    ...blobs.map((blob): Change => ({ put: 'source', blob, repository })),
  ]);
  report({ type: 'pushed', tag, digest, size: bytes.length });
  const id = familiarString(reference);
  engine.events.publish(imageEvent(engine, 'push', { ...image, id }, familiarName(reference)));
}

/** What is still to be put under the tag, and the layers that are at the registry now. */
interface Sent {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly blobs: readonly Digest[];
}

type Sending = Destination & { readonly report: (event: PushEvent) => void };

async function sendImage(
  engine: Engine,
  { name, image, narrows }: { name: NameRecord; image: ImageRecord; narrows: boolean },
  to: Sending,
): Promise<Sent> {
  const own = name.image === image.id ? name.target : image.manifest;
  const { bytes, digest, manifest } = await pushableManifest(engine, image, {
    digest: own,
    signal: to.signal,
  });
  if (narrows) {
    const index = await describeDocument(engine, name.target);
    to.report({
      type: 'narrowed',
      index,
      manifest: { mediaType: manifest.mediaType, digest, size: bytes.length },
    });
  }
  await sendLayers(engine, { ...to, image, layers: manifest.layers });
  await sendBlob(engine, { ...to, descriptor: manifest.config });
  return {
    digest,
    bytes,
    mediaType: manifest.mediaType,
    blobs: manifest.layers.map((layer) => layer.digest),
  };
}

async function describeDocument(engine: Engine, digest: Digest): Promise<Descriptor> {
  const bytes = await readDocument(engine.content, digest);
  return { mediaType: parseManifest(bytes).mediaType, digest, size: bytes.length };
}
