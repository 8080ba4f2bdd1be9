import { findError, GantryError } from '#errors';
import {
  familiarName,
  familiarString,
  formatPlatform,
  type ImageManifest,
  parseManifest,
  type Platform,
  type Reference,
  selectManifest,
} from '#oci';
import type { Registry, StoredManifest } from '#registry';

/** What a name stands for at its registry. */
export interface RemoteImage {
  /** What the name points to: a manifest or an index. */
  readonly target: StoredManifest;
  /** The manifest of one image: the target itself, or a child of it. */
  readonly stored: StoredManifest;
  readonly manifest: ImageManifest;
  /** The indexes from the target to the manifest. */
  readonly indexes: readonly StoredManifest[];
}

/** An index may hold indexes; more levels than this are no image. */
const maxDepth = 4;

/**
 * Finds the manifest of `reference` for `platform`, through indexes.
 *
 * @param reference with a tag or a digest; the digest wins
 * @throws not-found `manifest-unknown`, `name-unknown`, `platform-unknown` (no manifest for the platform);
 *   unauthorized, forbidden and others as RegistryReader; corrupt `manifest-digest`, `manifest-invalid`
 */
export async function resolveRemote(
  registry: Registry,
  reference: Reference,
  { platform, signal }: { platform: Platform; signal?: AbortSignal },
): Promise<RemoteImage> {
  const get = async (what: string) => {
    const stored = await registry.getManifest(reference.path, what, signal === undefined ? {} : { signal });
    return { stored, parsed: parseManifest(stored.bytes, stored.mediaType) };
  };
  try {
    let { stored, parsed } = await get(reference.digest ?? reference.tag ?? 'latest');
    const target = stored;
    const indexes: StoredManifest[] = [];
    while (parsed.kind === 'index') {
      indexes.push(stored);
      const child = indexes.length > maxDepth ? undefined : selectManifest(parsed, platform);
      if (child === undefined) {
        throw new GantryError(
          'not-found',
          'platform-unknown',
          `no matching manifest for ${formatPlatform(platform)} in the manifest list entries`,
          { subject: { image: familiarString(reference) } },
        );
      }
      ({ stored, parsed } = await get(child.digest));
    }
    return { target, stored, manifest: parsed, indexes };
  } catch (error) {
    throw inDockersWords(error, reference);
  }
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
