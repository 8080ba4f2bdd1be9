import type { Digest, ImageId } from '#oci';
import type { MirrorFacts } from './mirrored.ts';
import type { Repositories } from './repositories.ts';

/** An image that the engine knows: a config, the manifest that names it, and what lists need without reading bytes. */
export interface ImageRecord {
  /** The digest of the config. */
  readonly id: ImageId;
  /** The manifest by which the image came or was made. Its bytes are in the content store. */
  readonly manifest: Digest;
  /** RFC 3339 text from the config, exactly as it is there; undefined when the config has none. */
  readonly created: string | undefined;
  /** The sum of the sizes of the layers' regular files, in bytes: what docker calls Size. */
  readonly size: number;
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** The image that it was made from on this machine (commit, build). */
  readonly parent: ImageId | undefined;
  /** When a name was last put on it, in milliseconds since 1970; undefined when never. */
  readonly lastTagged: number | undefined;
  /** Base first. */
  readonly layers: readonly LayerRecord[];
  /** Every digest that the image needs kept: manifest, config, layer blobs, the indexes that led to it. */
  readonly content: readonly Digest[];
}

export interface LayerRecord {
  /** The digest of the blob as it is stored, compressed or not. */
  readonly blob: Digest;
  readonly diffId: Digest;
  readonly chainId: Digest;
  /** Sum of the sizes of the regular files, hard links once, in bytes. */
  readonly size: number;
}

/** What a name points to. */
export interface NameRecord {
  /** Canonical: `docker.io/library/x:latest` or `docker.io/library/x@sha256:…`. */
  readonly name: string;
  readonly image: ImageId;
  /** The manifest or index that the name stands for at its registry. */
  readonly target: Digest;
}

/** What was found out about a layer blob by reading it once. */
export interface BlobRecord {
  readonly blob: Digest;
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number;
  /** Whether its directory is right only above the layers that it was made on: then its snapshot's key is the chain id. */
  readonly dependsOnLower: boolean;
  /** Sum of the sizes of the regular files, hard links once, in bytes. */
  readonly size: number;
}

/** One change of the facts. Changes that are committed together become visible together, durably. */
export type Change =
  /** Replaces the whole record when there is one; its names stay. */
  | { readonly put: 'image'; readonly image: ImageRecord }
  /** Also removes its names. Removing what is not there is no error. */
  | { readonly remove: 'image'; readonly id: ImageId }
  /** Sets or moves a name and the image's `lastTagged`. The image must be there, or be put before it in the same commit. */
  | { readonly put: 'name'; readonly name: NameRecord; readonly at: number }
  | { readonly remove: 'name'; readonly name: string }
  | { readonly put: 'blob'; readonly blob: BlobRecord }
  /** Remembers that `repository` (canonical name) at its registry holds the blob. */
  | { readonly put: 'source'; readonly blob: Digest; readonly repository: string }
  | { readonly remove: 'source'; readonly blob: Digest; readonly repository: string }
  /** A setting of the store itself, such as its id. */
  | { readonly put: 'setting'; readonly key: string; readonly value: string };

/** Facts about images and their names. Lists are ordered by name or id, bytewise. */
export interface ImageFacts {
  image(id: ImageId): Promise<ImageRecord | undefined>;
  /** Images whose id's hex begins with `prefix` (1 to 64 hex digits), at most two: enough to see an ambiguity. */
  imagesByPrefix(prefix: string): Promise<readonly ImageId[]>;
  /** The images that `digest` leads to: as their manifest or as an index that holds them. */
  imagesByContent(digest: Digest): Promise<readonly ImageId[]>;
  images(): Promise<readonly ImageRecord[]>;
  children(id: ImageId): Promise<readonly ImageId[]>;
  name(name: string): Promise<NameRecord | undefined>;
  names(): Promise<readonly NameRecord[]>;
  namesOf(id: ImageId): Promise<readonly NameRecord[]>;
}

/** Facts about blobs and the store. */
export interface BlobFacts {
  blob(blob: Digest): Promise<BlobRecord | undefined>;
  /** Blobs known to hold this layer. */
  blobsByDiffId(diffId: Digest): Promise<readonly BlobRecord[]>;
  /** Repositories (canonical names) that were seen to hold the blob, the latest first. */
  sources(blob: Digest): Promise<readonly string[]>;
  setting(key: string): Promise<string | undefined>;
}

/**
 * Keeps unfinished things from collection. A lease ends when released or when its time is over, so that what a
 * killed process held is freed in the end.
 */
export interface Leases {
  /**
   * @param until milliseconds since 1970
   * @throws conflict `lease-exists`
   */
  createLease(id: string, until: number): Promise<void>;
  /**
   * From now on `digests` (blobs, or diff and chain ids of snapshots) stay. Hold first, look after.
   *
   * @throws not-found `lease-not-found` when it was released, or ended and was forgotten by a sweep
   */
  hold(id: string, digests: readonly Digest[]): Promise<void>;
  /**
   * @param until milliseconds since 1970
   * @throws not-found `lease-not-found` as `hold`
   */
  renewLease(id: string, until: number): Promise<void>;
  /** Releasing what is not there is no error. */
  releaseLease(id: string): Promise<void>;
}

/** Removing what nothing needs. */
export interface Collection {
  /**
   * Of `candidates`, those that no image, name, repository, upload or live lease needs are given to `remove`, one
   * by one, while no one can begin to need them: holds of leases and commits of images wait, and get a turn
   * between two removals when the sweep is long. What was found out about a removed blob is forgotten. Answers
   * what was removed.
   *
   * `remove` must not write to this metadata: it would wait for itself. When it throws, the sweep ends with its
   * error; what was removed before stays removed.
   *
   * @param now milliseconds since 1970: leases that ended before are forgotten
   */
  sweep(
    candidates: readonly Digest[],
    now: number,
    remove: (digest: Digest) => Promise<void>,
  ): Promise<readonly Digest[]>;

  /**
   * Those of `candidates` that a sweep would remove now. What a repository has let go of, and looks after itself for
   * a while yet, is not among them.
   *
   * @param now milliseconds since 1970, as in `sweep`
   */
  unneeded(candidates: readonly Digest[], now: number): Promise<readonly Digest[]>;
}

/**
 * The facts of one store, in one database. Several processes may have it open; what `commit` promised is durable
 * when it resolves and seen by all.
 */
export interface Metadata extends ImageFacts, BlobFacts, Leases, Collection, AsyncDisposable {
  /** What the store's own registry holds. */
  readonly repositories: Repositories;

  /** What a mirror remembers of repositories that it fills. */
  readonly mirrored: MirrorFacts;

  /**
   * Applies all changes, in their order, or none.
   *
   * @throws not-found `image-not-found` when a name is put on an image that is not there
   * @throws resource-exhausted `metadata-full` when the disk is full, unavailable `metadata-busy` when another
   *   process keeps the database locked for longer than 30 s
   */
  commit(changes: readonly Change[]): Promise<void>;
}
