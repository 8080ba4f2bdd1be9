import type { Engine } from '#engine';
import type { SettingInfo, StoreUsage } from '#wire';

/** What the handlers serve: an engine, and what the daemon around it says of itself. */
export interface Daemon {
  readonly engine: Engine;
  readonly facts: DaemonFacts;
}

/** What a daemon says of itself in `/version` and `/info`. */
export interface DaemonFacts {
  /** Gantry's version: `0.1.0`. */
  readonly version: string;
  /** The commit that it was built from; empty when unknown. */
  readonly commit: string;
  /** When it was built, as text; empty when unknown. */
  readonly built: string;
  /** What the store calls itself, the same at each start. */
  readonly id: string;
  /** The directory of the store. */
  readonly root: string;
  /** The host's system, as its os-release says: `Debian GNU/Linux 12 (bookworm)` and `12`. */
  readonly operatingSystem: { readonly name: string; readonly version: string };
  /** Measures the store; absent when it is not on a disk. It takes as long as du does. */
  readonly usage?: () => Promise<StoreUsage>;
  /** Mirrors of docker.io. */
  readonly mirrors: readonly string[];
  /** Registries that may be reached without TLS, besides this machine's own. */
  readonly insecureRegistries: readonly string[];
  /** How it was told to be; absent when nobody can tell. */
  readonly configuration?: DaemonConfiguration;
}

/** What a daemon was told, as `/info` shows it. No secret is in it. */
export interface DaemonConfiguration {
  readonly debug: boolean;
  /** `key=value`. */
  readonly labels: readonly string[];
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
  readonly settings: readonly SettingInfo[];
}
