import { availableParallelism, hostname, machine, release, totalmem } from 'node:os';
import type { Info } from '#wire';
import { hubServer } from './auth.ts';
import type { Daemon } from './daemon.ts';
import { storageDriver } from './storage-driver.ts';

/** `GET /info`: the host as it is, and no for everything that belongs to running containers. */
export function infoBody({ engine, facts }: Daemon, images: number): Info {
  const { configuration } = facts;
  return {
    ID: facts.id,
    Containers: 0,
    ContainersRunning: 0,
    ContainersPaused: 0,
    ContainersStopped: 0,
    Images: images,
    Driver: storageDriver,
    DriverStatus: [['Layers unpacked', engine.unpacking?.when ?? 'never']],
    Plugins: { Volume: [], Network: [], Authorization: null, Log: [] },
    ...noLimits,
    IPv4Forwarding: false,
    Debug: configuration?.debug ?? false,
    NFd: 0,
    OomKillDisable: false,
    NGoroutines: 0,
    SystemTime: new Date(engine.clock()).toISOString(),
    LoggingDriver: 'none',
    CgroupDriver: 'none',
    CgroupVersion: '2',
    NEventsListener: 0,
    KernelVersion: release(),
    OperatingSystem: facts.operatingSystem.name,
    OSVersion: facts.operatingSystem.version,
    OSType: 'linux',
    Architecture: machine(),
    IndexServerAddress: hubServer,
    RegistryConfig: registryConfig(facts),
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    GenericResources: null,
    DockerRootDir: facts.root,
    HttpProxy: configuration?.httpProxy ?? '',
    HttpsProxy: configuration?.httpsProxy ?? '',
    NoProxy: configuration?.noProxy ?? '',
    Name: hostname(),
    Labels: configuration?.labels ?? [],
    ExperimentalBuild: false,
    ServerVersion: facts.version,
    Runtimes: {},
    DefaultRuntime: '',
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: '',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: '' },
    SecurityOptions: [],
    CDISpecDirs: [],
    Warnings: null,
    ...(configuration && { Gantry: { Settings: configuration.settings } }),
  };
}

const noLimits = {
  MemoryLimit: false,
  SwapLimit: false,
  CpuCfsPeriod: false,
  CpuCfsQuota: false,
  CPUShares: false,
  CPUSet: false,
  PidsLimit: false,
};

function registryConfig({ mirrors, insecureRegistries }: Daemon['facts']): Info['RegistryConfig'] {
  const insecure = insecureRegistries.map((name) => ({
    Name: name,
    Mirrors: [],
    Secure: false,
    Official: false,
  }));
  const hub = { Name: 'docker.io', Mirrors: mirrors, Secure: true, Official: true };
  return {
    IndexConfigs: Object.fromEntries([hub, ...insecure].map((index) => [index.Name, index])),
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    Mirrors: mirrors.length === 0 ? null : mirrors,
  };
}
