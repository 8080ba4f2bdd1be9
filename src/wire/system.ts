import type { ImageSummary } from './images.ts';

/** The body of every error. */
export interface ErrorBody {
  readonly message: string;
}

/** The answer of `GET /version`. */
export interface Version {
  readonly Platform: { readonly Name: string };
  readonly Components: readonly VersionComponent[];
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
  readonly GitCommit: string;
  readonly GoVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly KernelVersion: string;
  readonly BuildTime: string;
}

/** A part of the daemon. The docker command prints the details of the one named exactly `Engine`. */
export interface VersionComponent {
  readonly Name: string;
  readonly Version: string;
  readonly Details: Readonly<Record<string, string>>;
}

/** One object of `GET /events`. */
export interface Event {
  /** The action again, for images and containers. */
  readonly status?: string;
  readonly id?: string;
  /** The image of a container. */
  readonly from?: string;
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: string;
  /** Seconds since 1970. */
  readonly time: number;
  /** Nanoseconds since 1970; beyond what a double tells apart, so good to a microsecond. */
  readonly timeNano: number;
}

/** The answer of `GET /system/df`. */
export interface DiskUsage {
  /** Bytes of all layers, each once. */
  readonly LayersSize: number;
  readonly Images: readonly ImageSummary[] | null;
  readonly Containers: readonly object[] | null;
  readonly Volumes: readonly object[] | null;
  readonly BuildCache: readonly object[] | null;
  /** Ours, with `?store=1`: what the store takes on the disk. */
  readonly Store?: StoreUsage;
}

/** Bytes on the disk, as du counts them; their sum is the whole store. */
export interface StoreUsage {
  /** Layers as directories. */
  readonly Unpacked: number;
  /** Blobs as they came. */
  readonly Blobs: number;
  /** Downloads and uploads that are not whole. */
  readonly Partial: number;
  /** The database, locks, the directory itself. */
  readonly Other: number;
}

/** The last line of `POST /gantry/fsck`: how much was looked at, and what came of it. */
export interface FsckSums {
  readonly Images: number;
  readonly Blobs: number;
  readonly Found: number;
  readonly Repaired: number;
}

/** The answer of `POST /gantry/gc`. Sizes are in bytes. */
export interface GarbageCollected {
  readonly Leftovers: readonly {
    readonly Kind: 'blob' | 'snapshot' | 'ingest' | 'upload';
    readonly Name: string;
    readonly Size: number;
  }[];
  readonly SpaceReclaimed: number;
}
