/** An element of `GET /images/json`. */
export interface ImageSummary {
  /** Containers that use the image; -1 when they were not counted. */
  readonly Containers: number;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Id: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly ParentId: string;
  /** Null on API versions below 1.43 where there are none. */
  readonly RepoDigests: readonly string[] | null;
  readonly RepoTags: readonly string[] | null;
  /** Bytes that other images have too; -1 when they were not counted. */
  readonly SharedSize: number;
  readonly Size: number;
  /** On API versions below 1.44. */
  readonly VirtualSize?: number;
  /** Since API 1.47, where asked for. */
  readonly Manifests?: readonly ManifestSummary[];
}

/** A manifest that an image is kept by, and what it weighs; sizes are in bytes. */
export interface ManifestSummary {
  readonly ID: string;
  readonly Descriptor: Descriptor & { readonly platform?: Platform };
  /** Whether all of it is here. */
  readonly Available: boolean;
  /** `Content` is what it has as it is transferred, `Total` that and what it has unpacked. */
  readonly Size: { readonly Content: number; readonly Total: number };
  readonly Kind: 'image' | 'attestation' | 'unknown';
  /** Of an image. */
  readonly ImageData?: {
    readonly Platform: Platform;
    readonly Size: { readonly Unpacked: number };
    /** The ids of containers that use it. */
    readonly Containers: readonly string[];
  };
  /** Of an attestation: the manifest of the image that it speaks of. */
  readonly AttestationData?: { readonly For: string };
}

/** What names content: the media type, digest and size of a manifest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What an image says of the containers made from it. Up to API 1.49 every container setting is present. */
export interface ContainerConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Volumes?: Readonly<Record<string, object>> | null;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly StopSignal?: string;
  readonly ArgsEscaped?: boolean;
  readonly Healthcheck?: object;
  readonly OnBuild?: readonly string[] | null;
  readonly Shell?: readonly string[];
}

/** The answer of `GET /images/{name}/json`. */
export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Parent: string;
  readonly Comment: string;
  /** RFC 3339; absent when the image does not say. */
  readonly Created?: string;
  /** On API versions below 1.45. */
  readonly ContainerConfig?: ContainerConfig;
  readonly DockerVersion: string;
  readonly Author: string;
  readonly Config: ContainerConfig;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly OsVersion?: string;
  readonly Size: number;
  /** On API versions below 1.44. */
  readonly VirtualSize?: number;
  readonly GraphDriver: { readonly Data: Readonly<Record<string, string>> | null; readonly Name: string };
  readonly RootFS: { readonly Type: string; readonly Layers?: readonly string[] };
  /** `LastTagTime` is Go's zero time when the image was never tagged. */
  readonly Metadata: { readonly LastTagTime: string };
  /** Since API 1.48. */
  readonly Descriptor?: Descriptor;
  /** Since API 1.48, where asked for. */
  readonly Manifests?: readonly ManifestSummary[];
}

/** An element of `GET /images/{name}/history`, newest first. */
export interface HistoryItem {
  readonly Comment: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly CreatedBy: string;
  /** `<missing>` for steps whose image is not on this machine. */
  readonly Id: string;
  readonly Size: number;
  readonly Tags: readonly string[] | null;
}

/** An element of the answer of `DELETE /images/{name}`. */
export type ImageDeleted = { readonly Untagged: string } | { readonly Deleted: string };

/** The answer of `POST /images/prune`. */
export interface ImagesPruned {
  readonly ImagesDeleted: readonly ImageDeleted[] | null;
  /** Bytes. */
  readonly SpaceReclaimed: number;
}

/** An element of `GET /images/search`. */
export interface SearchResult {
  readonly star_count: number;
  readonly is_official: boolean;
  readonly name: string;
  readonly is_automated: boolean;
  readonly description: string;
}

/** The answer of `GET /distribution/{name}/json`. */
export interface DistributionInspect {
  readonly Descriptor: Descriptor;
  readonly Platforms: readonly Platform[];
}

/** A platform, as the parameters `platform` and `platforms` carry it in JSON. */
export interface Platform {
  readonly architecture: string;
  readonly os: string;
  readonly 'os.version'?: string;
  readonly variant?: string;
}

/** The last object of a push (`aux`). */
export interface PushResult {
  readonly Tag: string;
  readonly Digest: string;
  readonly Size: number;
}

/** Told before the layers (`aux`) when not all of an index is there to be pushed (moby `auxprogress`). */
export interface PushNarrowed {
  readonly manifestPushedInsteadOfIndex: true;
  readonly originalIndex: Descriptor;
  readonly selectedManifest: Descriptor;
}
