import path from 'node:path';
import { defaultConfigFile, defaultDataRoot, defaultSocket, type Surroundings } from './places.ts';
import { readSettingsFile } from './settings/file.ts';
import { type Given, settingsOfEnvironment } from './settings/given.ts';
import { definitions, type LogLevel, type SettingName, type Settings } from './settings/table.ts';

export type { LogLevel, Settings } from './settings/table.ts';

/** The settings in force, and how they came to be. */
export interface ResolvedSettings {
  readonly settings: Settings;
  /** Who said it: `--data-root`, `GANTRY_DATA_ROOT`, `/etc/gantry/daemon.json:3`, or `default`. */
  readonly from: Readonly<Record<SettingName, string>>;
  /** What the file says that has no effect, a line each. */
  readonly warnings: readonly string[];
}

/** What stands on the command line. */
export interface GivenSettings {
  readonly flags: ReadonlyMap<SettingName, Given>;
  /** The file to read; empty for `GANTRY_CONFIG_FILE`, or the usual one if it is there. */
  readonly configFile: string;
}

/**
 * The settings in force: the command line before the environment before the configuration file before the defaults.
 * Each call reads the file again.
 *
 * @throws invalid-argument `config-invalid`; not-found `errno-enoent` when the file that was named is not there
 */
export async function resolveSettings(
  { flags, configFile }: GivenSettings,
  surroundings: Surroundings,
): Promise<ResolvedSettings> {
  const environment = settingsOfEnvironment(surroundings.env);
  const named = configFile || surroundings.env['GANTRY_CONFIG_FILE'] || '';
  const configuration = named || defaultConfigFile(surroundings);
  const file = await readSettingsFile(configuration, { optional: named === '' });
  const defaults = defaultSettings(surroundings);
  const resolved = definitions.map(([name, { fallback }]): readonly [SettingName, unknown, string] => {
    const line = file?.values.get(name);
    const written = line && { value: line.value, from: `${configuration}:${line.line}` };
    const said = flags.get(name) ?? environment.get(name) ?? written ?? inherited(fallback, surroundings);
    // dockerd, too, takes no addresses for the usual one.
    if (said === undefined || (name === 'hosts' && isEmpty(said.value)))
      return [name, defaults[name], 'default'];
    return [name, said.value, said.from];
  });
  // Each row's kind has checked its value, which the type of a list of rows cannot say.
  return {
    settings: Object.fromEntries(resolved.map(([name, value]) => [name, value])) as unknown as Settings,
    from: Object.fromEntries(resolved.map(([name, , from]) => [name, from])) as Record<SettingName, string>,
    warnings: file?.warnings ?? [],
  };
}

function inherited(variable: string | undefined, { env }: Surroundings): Given | undefined {
  const value = variable && (env[variable] ?? env[variable.toLowerCase()]);
  return variable && value ? { value, from: variable } : undefined;
}

/** The least level that is logged. */
export function logLevelOf({ debug, logLevel }: Settings): LogLevel {
  return debug ? 'debug' : logLevel;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** dockerd's own numbers (moby daemon/config/config.go), and the places of this user. */
function defaultSettings(surroundings: Surroundings): Settings {
  const { env, home } = surroundings;
  // Where the docker command has its own, too.
  const certificates = env['DOCKER_CERT_PATH'] || path.join(home, '.docker');
  return {
    dataRoot: defaultDataRoot(surroundings),
    hosts: [`unix://${defaultSocket(surroundings)}`],
    group: '',
    tls: false,
    tlsverify: false,
    tlscacert: path.join(certificates, 'ca.pem'),
    tlscert: path.join(certificates, 'cert.pem'),
    tlskey: path.join(certificates, 'key.pem'),
    allowUnprotectedTcp: false,
    pidfile: '',
    metricsAddr: '',
    debug: false,
    logLevel: 'info',
    logFormat: 'auto',
    labels: [],
    registryMirrors: [],
    insecureRegistries: [],
    httpProxy: '',
    httpsProxy: '',
    noProxy: '',
    maxConcurrentDownloads: 3,
    maxConcurrentUploads: 5,
    maxDownloadAttempts: 5,
    unpack: 'eager',
  };
}
