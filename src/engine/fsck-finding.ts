import type { ImageRecord } from '#metadata';
import type { Digest } from '#oci';

/** What is wrong, and where. */
export interface Problem {
  readonly code:
    | 'blob-missing'
    | 'blob-damaged'
    /** The record of the image does not say what its manifest and config say. */
    | 'record-differs'
    /** What is remembered of a layer's blob is not what its bytes say. */
    | 'fact-differs'
    | 'snapshot-missing'
    | 'snapshot-damaged'
    | 'mount-fails';
  /** The blob, or the key of the unpacked layer; for a record the image's id. */
  readonly digest: Digest;
  /** A clause. */
  readonly detail: string;
}

export interface FsckFinding extends Problem {
  /** The images that need it, by name where they have one. */
  readonly images: readonly string[];
  readonly state: 'found' | 'repaired' | 'unrepaired';
  /** Why it could not be repaired. */
  readonly reason?: string;
}

/** Something wrong, with the way to set it right. */
export interface Check {
  readonly problem: Problem;
  /** @throws what stands in the way */
  readonly repair: () => Promise<void>;
}

/** One image, and how closely it is looked at. */
export interface FsckContext {
  readonly image: ImageRecord;
  readonly deep: boolean;
  readonly signal: AbortSignal;
}
