import { findError, GantryError } from '#errors';
import { isDigest, type Digest } from '#oci';
import { manifestPath, type StoredManifest } from '#registry';
import { absentIfUnknown, askOnce, unknown } from './absent.ts';
import { createFlights } from './flights.ts';
import { keepManifest } from './keep.ts';
import type { MirrorParts } from './parts.ts';
import { createRecent } from './recent.ts';
import type { MirroredName } from './upstream.ts';

/** Where an answer comes from: from here, from here after the upstream agreed, from the upstream, or from here although it did not answer. */
export type CacheState = 'hit' | 'revalidated' | 'miss' | 'stale';

/** A manifest, and what its reader should know of where it comes from. */
export interface Resolved {
  readonly manifest: StoredManifest;
  readonly state: CacheState;
  /** How long ago the upstream was last known to say so, in milliseconds; undefined for what cannot change. */
  readonly age?: number;
  /** Why the upstream was not heard, for `stale`. */
  readonly cause?: unknown;
}

/** Manifests of mirrored repositories. */
export interface MirroredManifests {
  /**
   * By a digest, from here whenever it is here. By a tag, as the upstream's mode has it, and with what it was when the
   * upstream fails for a reason that may pass.
   *
   * @throws not-found `manifest-unknown`, `name-unknown`; what the upstream throws when nothing is here, or too old
   */
  resolve(name: MirroredName, reference: string, signal: AbortSignal | undefined): Promise<Resolved>;
  /** Resolves when nothing is being fetched. */
  settled(): Promise<void>;
}

/** How long an upstream that failed is not asked about tags that are here, in milliseconds: its silence costs each time. */
const rest = 15_000;

/** A registry that asks for more patience than this (Retry-After) is asked sooner. Milliseconds. */
const longestRest = 60 * 60 * 1000;

/** A tag that is here. */
interface Known {
  readonly digest: Digest;
  /** How long ago it was right, in milliseconds. */
  readonly age: number;
}

export function createMirroredManifests(parts: MirrorParts): MirroredManifests {
  const { local, metadata, clock, uses, reach, closing } = parts;
  const flights = createFlights<Resolved>();
  /** By domain: until when it is not asked about tags that are here, and why. */
  const resting = createRecent<{ until: number; cause: unknown }>(1000);

  async function stored(name: MirroredName, digest: Digest): Promise<StoredManifest> {
    uses.note(name.name, digest);
    try {
      return await local.getManifest(name.name, digest);
    } catch (error) {
      if (findError(error, { code: 'blob-not-found' }) === undefined) throw error;
      // Its bytes are lost; the upstream has them.
      return (await fetch(name, digest, undefined)).manifest;
    }
  }

  async function fetch(name: MirroredName, reference: string, tag: string | undefined): Promise<Resolved> {
    const ask = { name, reference, code: 'MANIFEST_UNKNOWN' } as const;
    const manifest = await askOnce(parts, ask, () =>
      reach(name).getManifest(name.path, reference, { signal: closing }),
    );
    await keepManifest(parts, name, { manifest, tag });
    return { manifest, state: 'miss' };
  }

  /** Asks what a tag that is here is now. */
  async function revalidate(name: MirroredName, tag: string, known: Known): Promise<Resolved> {
    const head = await withPatience(parts, name, (signal) =>
      absentIfUnknown(() => reach(name).headManifest(name.path, tag, { signal })),
    );
    if (head === undefined) {
      if (name.upstream.keepGone) {
        const cause = unknown('MANIFEST_UNKNOWN', name, tag);
        return { manifest: await stored(name, known.digest), state: 'stale', age: known.age, cause };
      }
      // Another request, or the collection, may have been faster.
      await metadata.repositories.changes.removeTag(name.name, tag);
      throw unknown('MANIFEST_UNKNOWN', name, tag);
    }
    if (head.digest === known.digest) {
      await metadata.mirrored.check(name.name, tag, clock());
      return { manifest: await stored(name, known.digest), state: 'revalidated', age: 0 };
    }
    if ((await local.headManifest(name.name, head.digest)) === undefined)
      return fetch(name, head.digest, tag);
    const manifest = await stored(name, head.digest);
    await keepManifest(parts, name, { manifest, tag });
    return { manifest, state: 'revalidated', age: 0 };
  }

  async function byTag(name: MirroredName, tag: string, signal: AbortSignal | undefined): Promise<Resolved> {
    const { mode, revalidate: interval, stale } = name.upstream;
    const head = await local.headManifest(name.name, tag);
    const key = `${name.name}:${tag}`;
    if (head === undefined) {
      if (mode === 'offline') throw unknown('MANIFEST_UNKNOWN', name, tag);
      return flights.join(key, () => fetch(name, tag, tag), signal);
    }
    const checked = (await metadata.mirrored.checked(name.name, tag)) ?? 0;
    const known: Known = { digest: head.digest, age: Math.max(clock() - checked, 0) };
    if (mode === 'offline' || (mode === 'ttl' && known.age < interval)) {
      return { manifest: await stored(name, known.digest), state: 'hit', age: known.age };
    }
    const asStale = async (cause: unknown): Promise<Resolved> => ({
      manifest: await stored(name, known.digest),
      state: 'stale',
      age: known.age,
      cause,
    });
    const pause = resting.get(name.domain);
    if (pause !== undefined && pause.until > clock() && known.age <= stale) return asStale(pause.cause);
    try {
      return await flights.join(key, () => revalidate(name, tag, known), signal);
    } catch (error) {
      signal?.throwIfAborted();
      const delay = restAfter(error);
      if (delay === undefined) throw error;
      resting.set(name.domain, { until: clock() + delay, cause: error });
      if (known.age > stale) throw error;
      return asStale(error);
    }
  }

  return {
    async resolve(name, reference, signal) {
      manifestPath(name.name, reference);
      if (!isDigest(reference)) return byTag(name, reference, signal);
      if ((await local.headManifest(name.name, reference)) !== undefined) {
        return { manifest: await stored(name, reference), state: 'hit' };
      }
      if (name.upstream.mode === 'offline') throw unknown('MANIFEST_UNKNOWN', name, reference);
      return flights.join(`${name.name}@${reference}`, () => fetch(name, reference, undefined), signal);
    },
    settled: () => flights.settled(),
  };
}

/**
 * For how many milliseconds an upstream that failed is left alone; undefined when its answer is an answer. A refusal
 * is one: whoever may no longer read gets nothing from here either. A page instead of an answer is none.
 */
function restAfter(error: unknown): number | undefined {
  const found = findError(error);
  if (found === undefined) return undefined;
  const passes =
    found.kind === 'unavailable' || ['registry-rate-limited', 'registry-answer'].includes(found.code);
  if (!passes) return undefined;
  const { retryAfter } = found.subject;
  return typeof retryAfter === 'number' ? Math.min(Math.max(retryAfter * 1000, rest), longestRest) : rest;
}

/** Gives up on an upstream that does not answer in time. @throws unavailable `registry-unreachable` */
async function withPatience<T>(
  { patience, closing }: MirrorParts,
  { domain }: MirroredName,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(patience);
  try {
    return await ask(AbortSignal.any([late, closing]));
  } catch (error) {
    if (!late.aborted || closing.aborted) throw error;
    throw new GantryError(
      'unavailable',
      'registry-unreachable',
      `${domain} did not answer within ${patience} ms`,
      {
        subject: { registry: domain },
        cause: error,
      },
    );
  }
}
