import { readFile } from 'node:fs/promises';
import type { DaemonConfiguration, DaemonFacts } from '#engine-api';
import { redact } from '#errors';
import { measureTree } from '#host';
import type { StoreUsage } from '#wire';
import type { OpenEngine } from './open-engine.ts';
import { describeSettings } from './settings/describe.ts';
import type { ResolvedSettings } from './settings.ts';
import { version } from './version.ts';

/** What the Engine API says of the process that serves it: `resolved` is asked each time, for it may change. */
export async function daemonFacts(
  { id }: OpenEngine,
  resolved: () => ResolvedSettings,
): Promise<DaemonFacts> {
  return {
    version,
    commit: '',
    built: '',
    id,
    root: resolved().settings.dataRoot,
    operatingSystem: await operatingSystem(),
    usage: () => storeUsage(resolved().settings.dataRoot),
    get mirrors() {
      return resolved().settings.registryMirrors;
    },
    get insecureRegistries() {
      return resolved().settings.insecureRegistries;
    },
    get configuration() {
      return configuration(resolved());
    },
  };
}

function configuration(resolved: ResolvedSettings): DaemonConfiguration {
  const { debug, labels, httpProxy, httpsProxy, noProxy } = resolved.settings;
  return {
    debug,
    labels,
    httpProxy: redact(httpProxy),
    httpsProxy: redact(httpsProxy),
    noProxy,
    settings: describeSettings(resolved),
  };
}

async function storeUsage(root: string): Promise<StoreUsage> {
  const parts = await measureTree(root);
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (parts.get(name) ?? 0), 0);
  const [unpacked, blobs, partial] = [of('snapshots'), of('blobs'), of('ingests', 'uploads')];
  const total = parts.values().reduce((sum, size) => sum + size, 0);
  return { Unpacked: unpacked, Blobs: blobs, Partial: partial, Other: total - unpacked - blobs - partial };
}

/** From os-release(5); `Linux` where there is none. */
async function operatingSystem(): Promise<{ name: string; version: string }> {
  let text = '';
  try {
    text = await readFile('/etc/os-release', 'utf8');
  } catch {
    // A machine without the file has no more to say.
  }
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1];
  return { name: field('PRETTY_NAME') ?? 'Linux', version: field('VERSION_ID') ?? '' };
}
