import type { Digest } from '#oci';

/** A blob that a repository links. */
export interface RepositoryBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** A manifest of a repository. Its bytes are in the content store. */
export interface RepositoryManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** What kind of artifact it is: its own word, else its config's media type. */
  readonly artifactType: string | undefined;
  /** The manifest that it is about. */
  readonly subject: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** A manifest to be put, and what it refers to. */
export interface NewManifest extends RepositoryManifest {
  /** Blobs that must be linked in the repository: config and layers. */
  readonly blobs: readonly Digest[];
  /** Manifests that it lists. They need not be here. */
  readonly manifests: readonly Digest[];
  readonly tags: readonly string[];
  /** What the repository is from now on said to be; undefined leaves it. */
  readonly description: string | undefined;
}

/** A part of an ordered list: what comes bytewise after `after`, and at most `limit` of it. */
export interface PageQuery {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Reading what repositories hold. A page costs the same wherever in the list it lies. */
export interface RepositoryFacts {
  has(repository: string): Promise<boolean>;
  /** Names of repositories, in order. */
  list(page: PageQuery): Promise<readonly string[]>;
  /** Repositories whose name or description contains `words` whatever the ASCII case, in the order of names. */
  search(
    words: string,
    page: { skip: number; limit: number },
  ): Promise<{ total: number; items: readonly { name: string; description: string }[] }>;
  /** `review` (milliseconds since 1970) is when the link goes unless a manifest needs the blob by then. */
  blob(
    repository: string,
    digest: Digest,
  ): Promise<(RepositoryBlob & { review: number | undefined }) | undefined>;
  /** By tag, or by digest. Annotations only where there is a subject. */
  manifest(
    repository: string,
    by: { tag: string } | { digest: Digest },
  ): Promise<RepositoryManifest | undefined>;
  /** The tags of a repository, in order. */
  tags(repository: string, page: PageQuery): Promise<readonly string[]>;
  /**
   * Manifests with this subject, ordered by digest, and whether there are more. A page ends early when its
   * annotations reach 4 MiB.
   */
  referrers(
    repository: string,
    subject: Digest,
    page: PageQuery & { artifactType?: string | undefined },
  ): Promise<{ items: readonly RepositoryManifest[]; more: boolean }>;
}

/**
 * Changing what repositories hold. Each is one transaction, durable when it resolves. All times are milliseconds
 * since 1970.
 */
export interface RepositoryChanges {
  /**
   * Links a blob, whose bytes must be durable and kept by an upload, and ends that upload. A repository is made
   * when it is not there.
   *
   * @throws not-found `upload-unknown` when the upload is over
   */
  link(repository: string, blob: RepositoryBlob, options: { upload: string; review: number }): Promise<void>;
  /** Links a blob that the repository `from`, or with undefined any repository, links; answers whether it did. */
  mount(
    repository: string,
    digest: Digest,
    options: { from: string | undefined; review: number },
  ): Promise<boolean>;
  /** Puts off when an unneeded link goes. */
  postpone(repository: string, digest: Digest, review: number): Promise<void>;
  /**
   * Puts a manifest with its tags, whose bytes must be durable and kept by an upload, and ends that upload. Answers
   * which of `manifests` the repository lacks.
   *
   * @throws not-found `manifest-blob-unknown` when the repository does not link one of `blobs`; `upload-unknown` when
   *   the upload is over
   */
  put(
    repository: string,
    manifest: NewManifest,
    options: { upload: string; now: number },
  ): Promise<readonly Digest[]>;
  /** Removes a manifest and its tags; what it referred to is looked at, and the bytes go, after `review`. Answers whether it was there. */
  removeManifest(repository: string, digest: Digest, review: number): Promise<boolean>;
  /** Removes a tag. Answers whether it was there. */
  removeTag(repository: string, tag: string): Promise<boolean>;
  /** Removes a link; the bytes go after `review` unless something needs them. Answers whether it was there. */
  unlink(repository: string, digest: Digest, review: number): Promise<boolean>;
}

/** Sessions of uploads. An upload keeps the digest that it names from collection. */
export interface UploadFacts {
  start(upload: { id: string; repository: string; started: number; digest?: Digest }): Promise<void>;
  /** Whether the upload is one of this repository and not over. */
  isOpen(id: string, repository: string): Promise<boolean>;
  /** From now on the blob with this digest, here or to come, stays. @throws not-found `upload-unknown` */
  expect(id: string, digest: Digest): Promise<void>;
  /** Ending what is over is no error. A blob that it named is looked at after `review`. */
  end(id: string, review: number): Promise<void>;
  /** Ids of uploads that began before `time`, the oldest first. */
  startedBefore(time: number, limit: number): Promise<readonly string[]>;
}

/** What a review found: links that no manifest needs, and digests that nothing needs. */
export interface Findings {
  readonly links: readonly { repository: string; digest: Digest }[];
  readonly digests: readonly Digest[];
}

/** Looking after repositories. */
export interface RepositoryReview {
  /**
   * Removes links that are due and needed by no manifest, forgets repositories that hold nothing, and answers the
   * links that went and the digests that are due and that nothing needs, for a sweep: at most `limit` of each. A
   * digest that something needs is looked at again after `next`.
   */
  settle(now: number, options: { limit: number; next: number }): Promise<Findings>;
  /** All that `settle` would answer now. Changes nothing. */
  due(now: number): Promise<Findings>;
}

/** The repositories of the store's own registry. */
export interface Repositories {
  readonly facts: RepositoryFacts;
  readonly changes: RepositoryChanges;
  readonly uploads: UploadFacts;
  readonly review: RepositoryReview;
}
