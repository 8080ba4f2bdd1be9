import type { Digest } from '#oci';

/** Where a layer's stored bytes (gzip, zstd or plain tar, found by content) are read from. */
export interface LayerSource {
  readonly path: string;
  /** Set when the file is still being written: the reader follows it (see content's GrowingFile). */
  readonly progress?: SharedArrayBuffer;
}

/** Bounds against hostile layers. */
export interface LayerLimits {
  /** Uncompressed bytes. */
  readonly maxTarSize: number;
  /** Uncompressed bytes per compressed byte, looked at after the first 16 MiB. */
  readonly maxRatio: number;
  readonly maxEntries: number;
}

export interface UnpackOptions {
  /**
   * The directory to unpack into; without it the layer is only read: its diff id and sizes are found, its tar is
   * checked, nothing is written.
   */
  readonly target?: string;
  /**
   * `alone`: the target is an empty directory that will be a lower directory of an overlay; whiteouts become
   * overlay whiteouts. A layer whose entries depend on the layers below is not unpacked to the end (`dependsOnLower`).
   * `base`: as `alone`, for the lowest layer of an image: directories that the tar only implies are made (0755,
   * root); `dependsOnLower` still says so.
   * `merged`: the target shows the layers below (an overlay mount); whiteouts are carried out.
   */
  readonly mode?: 'alone' | 'base' | 'merged';
  readonly signal?: AbortSignal;
  /** Compressed bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
}

export interface UnpackResult {
  /** The digest of the uncompressed tar. */
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number;
  /** Sum of the sizes of the regular files, hard links once. */
  readonly size: number;
  /**
   * Why the layer is right only above the layers that it was made on, when it is: a directory that the tar only
   * implies, or a hard link to a file of a lower layer. The target's contents are then of no use; unpack it again
   * `merged`. diffId and sizes are right in any case.
   */
  readonly dependsOnLower: string | undefined;
  /** Whether an entry for the root gave the target its metadata; false when nothing was written. */
  readonly statesRoot: boolean;
}

/**
 * Turns layers into directories, each in a worker thread, several at once.
 *
 * Errors: corrupt `layer-tar`, `layer-compression`, `layer-escape` (an entry that would leave the target);
 * resource-exhausted `layer-limit`, `errno-enospc`; corrupt `layer-source-broken` when the file that was followed
 * broke off; forbidden `errno-eperm` without root.
 */
export interface Unpacker extends AsyncDisposable {
  unpack(source: LayerSource, options?: UnpackOptions): Promise<UnpackResult>;
}
