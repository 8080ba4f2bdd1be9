import type { Digest, ImageId, Reference } from '#oci';

/** What one name of an archive stands for. */
export interface FoundTarget {
  /** A manifest, or an index that leads to all of `images`. */
  readonly target: Digest;
  /** Manifests; one or more. */
  readonly images: readonly Digest[];
  /** What else is to be kept with them: indexes, attestations. */
  readonly companions: readonly Digest[];
  readonly tags: readonly Reference[];
  /** The image that it was made from, in archives of old. */
  readonly parent?: ImageId;
  /** Whether it was only a step to another image: nobody asked for it. */
  readonly isStep?: boolean;
}
