import type { Info } from '#wire';
import { bytesSize } from './units.ts';

/** Fields that other daemons have. */
interface ForeignInfo {
  readonly ProductLicense?: string;
  readonly DefaultAddressPools?: readonly { readonly Base: string; readonly Size: number }[];
}

/**
 * Docker's text about a daemon (docker/cli command/system/info.go), for one that is no member of a swarm. `username`
 * is the user's at Docker Hub.
 */
export function infoText(
  info: Info & ForeignInfo,
  { debug, username = '' }: { debug: boolean; username: string | undefined },
): string {
  const lines = [
    ...countLines(info),
    ...pluginLines(info),
    ...runtimeLines(info),
    ...hostLines(info),
    ...(info.Debug || debug ? debugLines(info) : []),
    ...given('HTTP Proxy', info.HttpProxy),
    ...given('HTTPS Proxy', info.HttpsProxy),
    ...given('No Proxy', info.NoProxy),
    ...given('Username', username),
    ...listed('Labels', info.Labels),
    ...listed(
      'Settings',
      info.Gantry?.Settings.map(({ Name, Value, From }) => `${Name}: ${Value || 'none'} (${From})`),
    ),
    `Experimental: ${info.ExperimentalBuild}`,
    ...registryLines(info),
    `Live Restore Enabled: ${info.LiveRestoreEnabled}`,
    ...given('Product License', info.ProductLicense),
    ...poolLines(info),
  ];
  return `${lines.map((line) => ` ${line}\n`).join('')}\n`;
}

/** The line, unless there is nothing to say. */
function given(name: string, value: string | undefined): string[] {
  return value === undefined || value === '' ? [] : [`${name}: ${value}`];
}

/** The lines below a title, unless there are none. */
function listed(title: string, values: readonly string[] | null | undefined): string[] {
  return values && values.length > 0 ? [`${title}:`, ...values.map((value) => ` ${value}`)] : [];
}

function countLines(info: Info): string[] {
  return [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    ...given('Server Version', info.ServerVersion),
    ...given('Storage Driver', info.Driver),
    ...info.DriverStatus.map(([name, value]) => ` ${name}: ${value}`),
    ...given('Logging Driver', info.LoggingDriver),
    ...given('Cgroup Driver', info.CgroupDriver),
    ...given('Cgroup Version', info.CgroupVersion),
  ];
}

function pluginLines({ Plugins, CDISpecDirs, Swarm }: Info): string[] {
  const words = (values: readonly string[] | null): string => (values ?? []).join(' ');
  return [
    'Plugins:',
    ` Volume: ${words(Plugins.Volume)}`,
    ` Network: ${words(Plugins.Network)}`,
    ...(words(Plugins.Authorization) === '' ? [] : [` Authorization: ${words(Plugins.Authorization)}`]),
    ` Log: ${words(Plugins.Log)}`,
    ...listed('CDI spec directories', CDISpecDirs),
    `Swarm: ${Swarm.LocalNodeState}`,
  ];
}

function runtimeLines(info: Info): string[] {
  const runtimes = Object.keys(info.Runtimes);
  return [
    ...(runtimes.length > 0
      ? [`Runtimes: ${runtimes.join(' ')}`, `Default Runtime: ${info.DefaultRuntime}`]
      : []),
    ...(info.OSType === 'linux'
      ? [
          `Init Binary: ${info.InitBinary}`,
          `containerd version: ${info.ContainerdCommit.ID}`,
          `runc version: ${info.RuncCommit.ID}`,
          `init version: ${info.InitCommit.ID}`,
          ...listed('Security Options', info.SecurityOptions.flatMap(securityLines)),
        ]
      : []),
  ];
}

/** `name=seccomp,profile=builtin` in two lines. */
function securityLines(option: string): string[] {
  const fields = option.split(',').map((field) => field.split('='));
  return fields.flatMap(([key, value = '']) => {
    if (key === 'name') return [value];
    return key === 'profile' ? [` Profile: ${value}`] : [];
  });
}

function hostLines(info: Info): string[] {
  return [
    ...given('Kernel Version', info.KernelVersion),
    ...given('Operating System', info.OperatingSystem),
    ...given('OSType', info.OSType),
    ...given('Architecture', info.Architecture),
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${bytesSize(info.MemTotal)}`,
    ...given('Name', info.Name),
    ...given('ID', info.ID),
    `Docker Root Dir: ${info.DockerRootDir}`,
    `Debug Mode: ${info.Debug}`,
  ];
}

function debugLines(info: Info): string[] {
  return [
    ` File Descriptors: ${info.NFd}`,
    ` Goroutines: ${info.NGoroutines}`,
    ` System Time: ${info.SystemTime}`,
    ` EventsListeners: ${info.NEventsListener}`,
  ];
}

function registryLines({ RegistryConfig }: Info): string[] {
  const insecure = Object.values(RegistryConfig.IndexConfigs).filter(({ Secure }) => !Secure);
  return [
    ...listed('Insecure Registries', [
      ...insecure.map(({ Name }) => Name),
      ...RegistryConfig.InsecureRegistryCIDRs,
    ]),
    ...listed('Registry Mirrors', RegistryConfig.Mirrors),
  ];
}

function poolLines({ DefaultAddressPools = [] }: ForeignInfo): string[] {
  return listed(
    'Default Address Pools',
    DefaultAddressPools.map(({ Base, Size }) => ` Base: ${Base}, Size: ${Size}`),
  );
}
