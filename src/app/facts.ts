import { readFile } from 'node:fs/promises';
import type { DaemonConfiguration, DaemonFacts } from '#engine-api';
import { redact } from '#errors';
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
