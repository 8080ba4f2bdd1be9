import * as kinds from './kinds.ts';

/** What a daemon, or a command without one, is told. An empty text means that there is none. */
export interface Settings {
  /** The directory of the store. */
  readonly dataRoot: string;
  /** Where to listen: see `parseHost`. */
  readonly hosts: readonly string[];
  /** The group that owns the socket: a name, a number, or empty for the usual one. */
  readonly group: string;
  /** TLS on TCP addresses. Implied by `tlsverify`. */
  readonly tls: boolean;
  /** Clients must show a certificate that `tlscacert` has signed. */
  readonly tlsverify: boolean;
  readonly tlscacert: string;
  readonly tlscert: string;
  readonly tlskey: string;
  /** TCP that others can reach, where clients prove nothing. */
  readonly allowUnprotectedTcp: boolean;
  readonly pidfile: string;
  /** Where metrics and health are asked for. */
  readonly metricsAddr: string;
  readonly debug: boolean;
  readonly logLevel: LogLevel;
  /** `auto`: text on a terminal, JSON elsewhere. */
  readonly logFormat: 'auto' | 'text' | 'json';
  /** What the daemon says of itself in `info`: `key=value`. */
  readonly labels: readonly string[];
  /** URLs that are asked before Docker Hub. */
  readonly registryMirrors: readonly string[];
  /** Hosts and networks where http, and any certificate, will do. */
  readonly insecureRegistries: readonly string[];
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Hosts that are asked directly, with commas. */
  readonly noProxy: string;
  readonly maxConcurrentDownloads: number;
  readonly maxConcurrentUploads: number;
  readonly maxDownloadAttempts: number;
  /** When layers are unpacked, where they can be. */
  readonly unpack: 'eager' | 'lazy';
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export type SettingName = keyof Settings;

/** How one setting is spelled and read. */
export interface Definition<Value> {
  /** The key in the file, as dockerd spells it; a dot leads into an object. */
  readonly key: string;
  /** The flag, when it is not the last word of the key; dockerd's flags are in the singular. */
  readonly flag?: string;
  readonly short?: string;
  readonly kind: kinds.Kind<Value>;
  readonly usage: string;
  /** The variable that every program obeys, in either case, when nothing of Gantry's names it. */
  readonly fallback?: string;
  /** SIGHUP changes it in a running daemon. */
  readonly live?: true;
}

/** All settings, in the order of the documentation (docs/configuration.md). */
const table = {
  dataRoot: { key: 'data-root', kind: kinds.absolutePath, usage: 'Directory of the store' },
  hosts: {
    key: 'hosts',
    flag: 'host',
    short: 'H',
    kind: kinds.hosts,
    usage: 'Address to listen at: unix:///path, tcp://address:port or fd://',
  },
  group: { key: 'group', short: 'G', kind: kinds.plainText, usage: 'Group of the Unix socket' },
  tls: { key: 'tls', kind: kinds.onOrOff, usage: 'Use TLS on TCP addresses; implied by --tlsverify' },
  tlsverify: { key: 'tlsverify', kind: kinds.onOrOff, usage: 'Use TLS and verify the clients' },
  tlscacert: { key: 'tlscacert', kind: kinds.absolutePath, usage: 'Trust clients signed only by this CA' },
  tlscert: { key: 'tlscert', kind: kinds.absolutePath, usage: 'Path to the TLS certificate' },
  tlskey: { key: 'tlskey', kind: kinds.absolutePath, usage: 'Path to the TLS key' },
  allowUnprotectedTcp: {
    key: 'allow-unprotected-tcp',
    kind: kinds.onOrOff,
    usage: 'Let anyone who reaches a TCP address command this machine',
  },
  pidfile: { key: 'pidfile', short: 'p', kind: kinds.absolutePath, usage: 'File for the process id' },
  metricsAddr: {
    key: 'metrics-addr',
    kind: kinds.addressWithPort,
    usage: 'Address of /metrics, /livez and /readyz',
  },
  debug: {
    key: 'debug',
    short: 'D',
    kind: kinds.onOrOff,
    usage: 'Log as with --log-level debug',
    live: true,
  },
  logLevel: {
    key: 'log-level',
    short: 'l',
    kind: kinds.oneOf('debug', 'info', 'warn', 'error', 'fatal'),
    usage: 'Least level to log: "debug", "info", "warn", "error" or "fatal"',
    live: true,
  },
  logFormat: {
    key: 'log-format',
    kind: kinds.oneOf('auto', 'text', 'json'),
    usage: 'Form of the log: "text", "json" or "auto" (text on a terminal)',
  },
  labels: {
    key: 'labels',
    flag: 'label',
    kind: kinds.labels,
    usage: 'Label (key=value) of the daemon',
    live: true,
  },
  registryMirrors: {
    key: 'registry-mirrors',
    flag: 'registry-mirror',
    kind: kinds.mirrors,
    usage: 'Mirror of Docker Hub to ask first',
    live: true,
  },
  insecureRegistries: {
    key: 'insecure-registries',
    flag: 'insecure-registry',
    kind: kinds.registries,
    usage: 'Registry to reach without TLS, or with any certificate',
    live: true,
  },
  httpProxy: {
    key: 'proxies.http-proxy',
    kind: kinds.plainText,
    usage: 'Proxy for http',
    fallback: 'HTTP_PROXY',
    live: true,
  },
  httpsProxy: {
    key: 'proxies.https-proxy',
    kind: kinds.plainText,
    usage: 'Proxy for https',
    fallback: 'HTTPS_PROXY',
    live: true,
  },
  noProxy: {
    key: 'proxies.no-proxy',
    kind: kinds.plainText,
    usage: 'Hosts to ask directly',
    fallback: 'NO_PROXY',
    live: true,
  },
  maxConcurrentDownloads: {
    key: 'max-concurrent-downloads',
    kind: kinds.count,
    usage: 'Most layers of one pull at once',
    live: true,
  },
  maxConcurrentUploads: {
    key: 'max-concurrent-uploads',
    kind: kinds.count,
    usage: 'Most layers of one push at once',
    live: true,
  },
  maxDownloadAttempts: {
    key: 'max-download-attempts',
    kind: kinds.count,
    usage: 'Most attempts at a layer that does not come',
    live: true,
  },
  unpack: {
    key: 'unpack',
    kind: kinds.oneOf('eager', 'lazy'),
    usage: 'When to unpack layers: "eager" (as they arrive) or "lazy"',
  },
} as const satisfies { readonly [Name in SettingName]: Definition<Settings[Name]> };

/** The table row by row. The value's type is no longer known there: `kind.read` checks it. */
export const definitions = Object.entries(table) as readonly (readonly [SettingName, Definition<unknown>])[];

/** The flag of a setting, without its dashes. */
export function flagOf({ flag, key }: Definition<unknown>): string {
  return flag ?? key.replace(/^.*\./, '');
}

/** The variable of a setting: `GANTRY_DATA_ROOT`. */
export function variableOf({ key }: Definition<unknown>): string {
  return `GANTRY_${key.replace(/^.*\./, '').replaceAll('-', '_').toUpperCase()}`;
}
