import { readFile } from 'node:fs/promises';
import os from 'node:os';

/** What a machine says about itself. */
export interface HostFacts {
  readonly kernelRelease: string;
  /** The distribution's own words (os-release PRETTY_NAME), or the kernel's name. */
  readonly operatingSystem: string;
  /** The release of the distribution (os-release VERSION_ID); empty when it has none. */
  readonly operatingSystemVersion: string;
  /** As uname(2) says it: `x86_64`, `aarch64`. */
  readonly machine: string;
  readonly hostname: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly cgroupVersion: 1 | 2;
}

/** The facts about this machine. Never fails: what cannot be read gets a plain default. */
export async function hostFacts(): Promise<HostFacts> {
  const release = await osRelease();
  return {
    kernelRelease: os.release(),
    operatingSystem: release.get('PRETTY_NAME') ?? os.type(),
    operatingSystemVersion: release.get('VERSION_ID') ?? '',
    machine: os.machine(),
    hostname: os.hostname(),
    cpus: os.availableParallelism(),
    memory: os.totalmem(),
    // The unified hierarchy, and it alone, has this file at its root.
    cgroupVersion: (await readable('/sys/fs/cgroup/cgroup.controllers')) === undefined ? 1 : 2,
  };
}

/** os-release(5): shell assignments, quoted or not. */
async function osRelease(): Promise<Map<string, string>> {
  const text = (await readable('/etc/os-release')) ?? (await readable('/usr/lib/os-release')) ?? '';
  return new Map(
    [...text.matchAll(/^([A-Z_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/gm)].map((match) => [
      match[1] ?? '',
      match[2] ?? match[3] ?? match[4] ?? '',
    ]),
  );
}

async function readable(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
