import { findError, GantryError } from '#errors';
import {
  type Digest,
  familiarName,
  familiarString,
  formatPlatform,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  isManifestType,
  parseManifest,
  type Platform,
  type Reference,
  selectManifest,
} from '#oci';
import type { Registry, StoredManifest } from '#registry';
import { isImageManifest } from './image-manifest.ts';
import { maxIndexDepth } from './platform-images.ts';

/** One image at a registry. */
export interface RemoteImage {
  readonly stored: StoredManifest;
  readonly manifest: ImageManifest;
  /** The indexes from the target to the manifest. */
  readonly indexes: readonly StoredManifest[];
}

/** What a name stands for at its registry, as far as it is wanted. */
export interface RemoteTarget {
  /** What the name points to: a manifest or an index. */
  readonly target: StoredManifest;
  /** One or more, each once. */
  readonly images: readonly RemoteImage[];
  /** Attestations and artifacts of an index of which all is wanted. */
  readonly companions: readonly Omit<RemoteImage, 'indexes'>[];
}

/** Manifests of one index that are fetched at most: some hundred is what the largest indexes have. */
const maxManifests = 1000;

/**
 * Finds the images of `reference` for `platforms`, through indexes. A target that is no index is its one image,
 * whatever its platform.
 *
 * @param reference with a tag or a digest; the digest wins
 * @throws not-found `manifest-unknown`, `name-unknown`, `platform-unknown` (no manifest for a platform);
 *   unauthorized, forbidden and others as RegistryReader; corrupt `manifest-digest`, `manifest-invalid`;
 *   unsupported `not-an-image`; resource-exhausted `index-too-large`
 */
export async function resolveRemote(
  registry: Registry,
  reference: Reference,
  { platforms, signal }: { platforms: readonly Platform[] | 'all'; signal?: AbortSignal },
): Promise<RemoteTarget> {
  const get = memoized(async (what: string) => {
    const stored = await registry.getManifest(reference.path, what, signal === undefined ? {} : { signal });
    return { stored, parsed: parseManifest(stored.bytes, stored.mediaType) };
  });
  try {
    const root = await get(reference.digest ?? reference.tag ?? 'latest');
    const target = root.stored;
    const found: Omit<RemoteImage, 'manifest'>[] = [];
    if (platforms === 'all') found.push(...(await everyManifest(root, get)));
    else for (const platform of platforms) found.push(await manifestFor(root, platform, { get, reference }));
    const manifests = [...new Map(found.map((each) => [each.stored.digest, each])).values()].map((each) => ({
      ...each,
      manifest: asManifest(each.stored),
    }));
    const images = manifests.filter(({ manifest }) => isImageManifest(manifest));
    const [first] = images.length > 0 ? images : manifests;
    if (first === undefined) throw platformUnknown(reference, 'any platform');
    if (images.length === 0) throw notAnImage(first.manifest);
    return { target, images, companions: manifests.filter(({ manifest }) => !isImageManifest(manifest)) };
  } catch (error) {
    throw inDockersWords(error, reference);
  }
}

interface Document {
  readonly stored: StoredManifest;
  readonly parsed: ImageManifest | ImageIndex;
}

type Get = (what: string) => Promise<Document>;

/** Platforms share indexes, and indexes manifests: each document is asked for once. */
function memoized(get: Get): Get {
  const known = new Map<string, Promise<Document>>();
  return (what) => {
    const answer = known.get(what) ?? get(what);
    known.set(what, answer);
    return answer;
  };
}

async function manifestFor(
  root: Document,
  platform: Platform,
  { get, reference }: { get: Get; reference: Reference },
): Promise<Omit<RemoteImage, 'manifest'>> {
  let { stored, parsed } = root;
  const indexes: StoredManifest[] = [];
  while (parsed.kind === 'index') {
    indexes.push(stored);
    const child = indexes.length > maxIndexDepth ? undefined : selectManifest(parsed, platform);
    if (child === undefined) throw platformUnknown(reference, formatPlatform(platform));
    ({ stored, parsed } = await get(child.digest));
  }
  return { stored, indexes };
}

async function everyManifest(root: Document, get: Get): Promise<Omit<RemoteImage, 'manifest'>[]> {
  const found: Omit<RemoteImage, 'manifest'>[] = [];
  const seen = new Set<Digest>();
  const visit = async ({ stored, parsed }: Document, indexes: readonly StoredManifest[]): Promise<void> => {
    if (parsed.kind === 'manifest') {
      found.push({ stored, indexes });
      return;
    }
    for (const { digest, mediaType } of parsed.manifests) {
      if (seen.has(digest) || !(isManifestType(mediaType) || isIndexType(mediaType))) continue;
      seen.add(digest);
      if (seen.size > maxManifests || indexes.length >= maxIndexDepth) throw indexTooLarge(stored.digest);
      await visit(await get(digest), [...indexes, stored]);
    }
  };
  await visit(root, []);
  return found;
}

function asManifest({ bytes, mediaType }: StoredManifest): ImageManifest {
  const parsed = parseManifest(bytes, mediaType);
  if (parsed.kind === 'index') throw new TypeError('an index was taken for a manifest');
  return parsed;
}

function platformUnknown(reference: Reference, platform: string): GantryError {
  return new GantryError(
    'not-found',
    'platform-unknown',
    `no matching manifest for ${platform} in the manifest list entries`,
    { subject: { image: familiarString(reference) } },
  );
}

function notAnImage({ config: { mediaType, digest } }: ImageManifest): GantryError {
  return new GantryError(
    'unsupported',
    'not-an-image',
    `${digest} is not a container image: its config has the media type "${mediaType}"`,
    { subject: { mediaType } },
  );
}

function indexTooLarge(digest: Digest): GantryError {
  return new GantryError(
    'resource-exhausted',
    'index-too-large',
    `index ${digest} has more than ${maxManifests} manifests or ${maxIndexDepth} levels: pull the platforms that you need`,
    { subject: { digest } },
  );
}

/**
 * The registry's refusal as docker's users know it (moby distribution/errors.go, `translatePullError`); other
 * errors as they are.
 */
export function inDockersWords(error: unknown, reference: Reference): unknown {
  const refusal = findError(error);
  if (refusal === undefined) return error;
  const own = refusal.subject['registryMessage'];
  const words = typeof own === 'string' ? own : refusal.message;
  const name = familiarName(reference);
  const say = (message: string) =>
    new GantryError(refusal.kind, refusal.code, message, { subject: refusal.subject, cause: error });
  switch (refusal.code) {
    case 'manifest-unknown':
      return say(`manifest for ${familiarString(reference)} not found: manifest unknown: ${words}`);
    case 'name-unknown':
      return say(`repository ${name} not found: name unknown: ${words}`);
    case 'registry-denied':
    case 'registry-unauthorized':
      return new GantryError(
        'not-found',
        'pull-denied',
        `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: ${words}`,
        { subject: refusal.subject, cause: error },
      );
    default:
      return error;
  }
}
