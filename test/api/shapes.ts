/**
 * The shapes of answers: their keys in order, with the types of their values, as moby 28.2 writes them. A name with
 * `?` may be missing; a type is text, its alternatives between bars; a list has the shape of its elements.
 */
import assert from 'node:assert/strict';

export type Shape = string | readonly [Shape] | { readonly [key: string]: Shape };

/** Whether the API version stands below `limit`; both are `1.N`. */
const below = (version: string, limit: number) => Number(version.split('.')[1]) < limit;

/** The keys that a version has or has not. */
const when = (isThere: boolean, keys: Record<string, Shape>) => (isThere ? keys : {});

const descriptor: Shape = { mediaType: 'string', digest: 'string', size: 'number' };

export const imageSummary = (version: string): Shape => ({
  Containers: 'number',
  Created: 'number',
  Id: 'string',
  Labels: 'object|null',
  ParentId: 'string',
  RepoDigests: below(version, 43) ? 'array|null' : 'array',
  RepoTags: below(version, 43) ? 'array|null' : 'array',
  SharedSize: 'number',
  Size: 'number',
  ...when(below(version, 44), { VirtualSize: 'number' }),
});

const platform: Shape = { architecture: 'string', os: 'string' };

/** An element of `Manifests`, which a Docker daemon has where it keeps its images in containerd. */
export const manifestSummary: Shape = {
  ID: 'string',
  Descriptor: { mediaType: 'string', digest: 'string', size: 'number', platform },
  Available: 'boolean',
  Size: { Content: 'number', Total: 'number' },
  Kind: 'string',
  ImageData: { Platform: platform, Size: { Unpacked: 'number' }, Containers: 'array' },
};

/** The settings of a container, as images had them before API 1.50: all of them. */
const containerConfig: Shape = {
  Hostname: 'string',
  Domainname: 'string',
  User: 'string',
  AttachStdin: 'boolean',
  AttachStdout: 'boolean',
  AttachStderr: 'boolean',
  'ExposedPorts?': 'object',
  Tty: 'boolean',
  OpenStdin: 'boolean',
  StdinOnce: 'boolean',
  Env: 'array|null',
  Cmd: 'array|null',
  Image: 'string',
  Volumes: 'object|null',
  WorkingDir: 'string',
  Entrypoint: 'array|null',
  OnBuild: 'array|null',
  Labels: 'object|null',
};

export const imageInspect = (version: string): Shape => ({
  Id: 'string',
  RepoTags: 'array',
  RepoDigests: 'array',
  Parent: 'string',
  Comment: 'string',
  Created: 'string',
  ...when(below(version, 45), { ContainerConfig: containerConfig }),
  DockerVersion: 'string',
  Author: 'string',
  ...when(!below(version, 50), { Config: { Env: 'array', Cmd: 'array', Labels: 'object' } }),
  Architecture: 'string',
  Os: 'string',
  Size: 'number',
  ...when(below(version, 44), { VirtualSize: 'number' }),
  GraphDriver: { Data: 'object|null', Name: 'string' },
  RootFS: { Type: 'string', Layers: 'array' },
  Metadata: { LastTagTime: 'string' },
  // Docker has it where it keeps its images in containerd.
  ...when(!below(version, 48), { Descriptor: descriptor }),
  ...when(below(version, 50), { Config: containerConfig }),
});

export const historyItem: Shape = {
  Comment: 'string',
  Created: 'number',
  CreatedBy: 'string',
  Id: 'string',
  Size: 'number',
  Tags: 'array|null',
};

export const versionAnswer: Shape = {
  Platform: { Name: 'string' },
  Components: [
    {
      Name: 'string',
      Version: 'string',
      Details: {
        ApiVersion: 'string',
        Arch: 'string',
        BuildTime: 'string',
        Experimental: 'string',
        GitCommit: 'string',
        GoVersion: 'string',
        KernelVersion: 'string',
        MinAPIVersion: 'string',
        Os: 'string',
      },
    },
  ],
  Version: 'string',
  ApiVersion: 'string',
  MinAPIVersion: 'string',
  GitCommit: 'string',
  GoVersion: 'string',
  Os: 'string',
  Arch: 'string',
  KernelVersion: 'string',
  BuildTime: 'string',
};

export const infoAnswer: Shape = {
  ID: 'string',
  Containers: 'number',
  ContainersRunning: 'number',
  ContainersPaused: 'number',
  ContainersStopped: 'number',
  Images: 'number',
  Driver: 'string',
  DriverStatus: 'array',
  Plugins: { Volume: 'array', Network: 'array', Authorization: 'array|null', Log: 'array' },
  MemoryLimit: 'boolean',
  SwapLimit: 'boolean',
  'KernelMemoryTCP?': 'boolean',
  CpuCfsPeriod: 'boolean',
  CpuCfsQuota: 'boolean',
  CPUShares: 'boolean',
  CPUSet: 'boolean',
  PidsLimit: 'boolean',
  IPv4Forwarding: 'boolean',
  Debug: 'boolean',
  NFd: 'number',
  OomKillDisable: 'boolean',
  NGoroutines: 'number',
  SystemTime: 'string',
  LoggingDriver: 'string',
  CgroupDriver: 'string',
  CgroupVersion: 'string',
  NEventsListener: 'number',
  KernelVersion: 'string',
  OperatingSystem: 'string',
  OSVersion: 'string',
  OSType: 'string',
  Architecture: 'string',
  IndexServerAddress: 'string',
  RegistryConfig: { IndexConfigs: 'object', InsecureRegistryCIDRs: 'array', Mirrors: 'array|null' },
  NCPU: 'number',
  MemTotal: 'number',
  GenericResources: 'array|null',
  DockerRootDir: 'string',
  HttpProxy: 'string',
  HttpsProxy: 'string',
  NoProxy: 'string',
  Name: 'string',
  Labels: 'array',
  ExperimentalBuild: 'boolean',
  ServerVersion: 'string',
  Runtimes: 'object',
  DefaultRuntime: 'string',
  Swarm: {
    NodeID: 'string',
    NodeAddr: 'string',
    LocalNodeState: 'string',
    ControlAvailable: 'boolean',
    Error: 'string',
    RemoteManagers: 'array|null',
  },
  LiveRestoreEnabled: 'boolean',
  Isolation: 'string',
  InitBinary: 'string',
  ContainerdCommit: { ID: 'string' },
  RuncCommit: { ID: 'string' },
  InitCommit: { ID: 'string' },
  SecurityOptions: 'array',
  CDISpecDirs: 'array',
  'Containerd?': 'object',
  Warnings: 'array|null',
};

export const diskUsage = (version: string): Shape => ({
  LayersSize: 'number',
  Images: [imageSummary(version)],
  Containers: 'array',
  Volumes: 'array',
  BuildCache: 'array',
});

export const imageEvent: Shape = {
  status: 'string',
  id: 'string',
  Type: 'string',
  Action: 'string',
  Actor: { ID: 'string', Attributes: 'object' },
  scope: 'string',
  time: 'number',
  timeNano: 'number',
};

export const network: Shape = {
  Name: 'string',
  Id: 'string',
  Created: 'string',
  Scope: 'string',
  Driver: 'string',
  EnableIPv4: 'boolean',
  EnableIPv6: 'boolean',
  IPAM: { Driver: 'string', Options: 'null', Config: 'array|null' },
  Internal: 'boolean',
  Attachable: 'boolean',
  Ingress: 'boolean',
  ConfigFrom: { Network: 'string' },
  ConfigOnly: 'boolean',
  Containers: 'object',
  Options: 'object',
  Labels: 'object',
};

export const volumes: Shape = { Volumes: 'array', Warnings: 'array|null' };

/** Demands that `value` has `shape`: its keys in this order, its types; `where` is told when it has not. */
export function assertShape(value: unknown, shape: Shape, where = 'the answer'): void {
  if (typeof shape === 'string') {
    assert.ok(shape.split('|').includes(typeOf(value)), `${where} is ${typeOf(value)}, not ${shape}`);
  } else if (isList(shape)) {
    assert.ok(Array.isArray(value), `${where} is ${typeOf(value)}, not an array`);
    assert.ok(value.length > 0, `${where} is empty: nothing was compared`);
    for (const [index, each] of value.entries()) assertShape(each, shape[0], `${where}[${index}]`);
  } else {
    assert.equal(typeOf(value), 'object', where);
    const fields = value as Record<string, unknown>;
    const wanted = Object.keys(shape).filter((key) => !key.endsWith('?') || key.slice(0, -1) in fields);
    assert.deepEqual(
      Object.keys(fields),
      wanted.map((key) => key.replace(/\?$/, '')),
      where,
    );
    for (const key of wanted) {
      const name = key.replace(/\?$/, '');
      assertShape(fields[name], shape[key] ?? '', `${where}.${name}`);
    }
  }
}

function isList(shape: Exclude<Shape, string>): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
