import type { Digest } from '#oci';

/** A blob or a manifest that a mirror's repository holds. */
export interface MirroredContent {
  readonly kind: 'blob' | 'manifest';
  readonly repository: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** When it was last asked for, in milliseconds since 1970; 0 when that is not known. */
  readonly used: number;
}

/** That something of a repository was asked for. */
export interface MirrorUse {
  readonly repository: string;
  readonly digest: Digest;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a mirror must remember of the repositories that it fills, beside what they hold. */
export interface MirrorFacts {
  /** Marks a repository, there or to come, as a mirror's: what it holds can be had again elsewhere. */
  mark(repository: string): Promise<void>;
  /** When the tag was last known to be right, in milliseconds since 1970; undefined when never. */
  checked(repository: string, tag: string): Promise<number | undefined>;
  /** Remembers that the tag was right at a time. Nothing is remembered of a tag that is not there. */
  check(repository: string, tag: string, at: number): Promise<void>;
  /** Remembers uses. Those of repositories that are gone are passed over; an older use changes nothing. */
  use(uses: readonly MirrorUse[]): Promise<void>;
  /** Forgets uses of what is gone. Looks at all there is: for now and then. */
  tidy(): Promise<void>;
  /** The bytes of all that marked repositories hold, each digest once. */
  bytes(): Promise<number>;
  /** What marked repositories hold and nobody asked for since `before`: the longest unused first, behind `after`. */
  unused(query: {
    readonly before: number;
    readonly after?: MirroredContent | undefined;
    readonly limit: number;
  }): Promise<readonly MirroredContent[]>;
}
