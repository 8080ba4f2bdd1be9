import type { ContentStore } from '#content';
import type { Unpacker } from '#layer';
import type { Metadata } from '#metadata';
import type { Platform } from '#oci';
import type { Registry } from '#registry';
import type { Snapshots } from '#snapshot';
import type { EventLog } from './events.ts';

/** Credentials for one registry, as Docker's API carries them. Empty fields are absent. */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
  readonly serverAddress?: string;
}

/** How the engine reaches registries. */
export interface Registries {
  /** The registry of a canonical domain (`docker.io`, `127.0.0.1:5000`). Touches no network. */
  open(domain: string, auth?: RegistryAuth): Registry;

  /**
   * Asks the registry whether it takes the credentials.
   *
   * @throws unauthorized `registry-unauthorized`, unavailable `registry-unreachable`
   */
  login(domain: string, auth: RegistryAuth, signal?: AbortSignal): Promise<{ identityToken?: string }>;

  /** The registry's own search (`/v1/search`). */
  search(domain: string, query: SearchQuery): Promise<readonly SearchResult[]>;
}

export interface SearchQuery {
  readonly term: string;
  /** 1 to 100. */
  readonly limit: number;
  readonly auth?: RegistryAuth;
  readonly signal?: AbortSignal;
}

export interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
  readonly automated: boolean;
}

/** Unpacked layers: how they are kept, where this machine can keep them. */
export interface Unpacking {
  readonly snapshots: Snapshots;
  /** `eager`: while an image arrives. `lazy`: when it is first mounted. */
  readonly when: 'eager' | 'lazy';
}

/** What an engine is made of. Every verb of this module takes it first. `app` makes it. */
export interface Engine {
  readonly content: ContentStore;
  readonly metadata: Metadata;
  readonly unpacker: Unpacker;
  /** Absent where layers cannot be unpacked: without root or without overlayfs. */
  readonly unpacking: Unpacking | undefined;
  readonly registries: Registries;
  readonly events: EventLog;
  /** The platform that images are chosen for when none is named. */
  readonly platform: Platform;
  readonly limits: EngineLimits;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A new unique id. */
  readonly uniqueId: () => string;
}

export interface EngineLimits {
  /** Layers of one image that are downloaded at once. */
  readonly concurrentDownloads: number;
  readonly concurrentUploads: number;
  /** Times a layer is asked for again without a byte having come. */
  readonly downloadAttempts: number;
}
