import type { ContentStore } from '#content';
import type { Metadata } from '#metadata';
import type { Digest } from '#oci';
import type { RegistryLister, RegistryReader, RegistryReferrers, ServedRegistry } from '#registry';
import type { Recent } from './recent.ts';
import type { MirroredName } from './upstream.ts';
import type { Uses } from './uses.ts';

/** An upstream as it is reached. Few clients know how to list referrers. */
export type UpstreamRegistry = RegistryReader & RegistryLister & Partial<RegistryReferrers>;

/** What the parts of a mirror share. */
export interface MirrorParts {
  /** The registry over the same content and metadata; a mirrored repository is one of its repositories. */
  readonly local: ServedRegistry;
  readonly content: ContentStore;
  readonly metadata: Metadata;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Letters, digits and hyphens, never the same twice. */
  readonly uniqueId: () => string;
  /** The upstream of a repository. */
  readonly reach: (name: MirroredName) => UpstreamRegistry;
  /** Until when what an upstream does not have is not asked for again. */
  readonly absent: Recent<number>;
  /** The sizes of blobs as manifests and heads told, by `blobKey`. */
  readonly sizes: Recent<number>;
  readonly uses: Uses;
  /** How long an upstream may take to say whether a tag is right, in milliseconds, when there is an older answer. */
  readonly patience: number;
  /** Aborted when the mirror is closed: it outlives every client. */
  readonly closing: AbortSignal;
}

/** A blob of one repository: being readable in one makes it so in no other. */
export function blobKey({ name }: MirroredName, digest: Digest): string {
  return `${name}@${digest}`;
}

/** How long a blob waits for the manifest that needs it, as in a hosted repository: a day, in milliseconds. */
const grace = 24 * 60 * 60 * 1000;

/** When to look whether what is linked now is needed. */
export function reviewTime({ clock }: MirrorParts): number {
  return clock() + grace;
}
