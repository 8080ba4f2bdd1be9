import { readFile } from 'node:fs/promises';
import type { DaemonFacts } from '#engine-api';
import type { OpenEngine } from './open-engine.ts';
import type { Settings } from './settings.ts';
import { version } from './version.ts';

/** What the Engine API says of the process that serves it. */
export async function daemonFacts({ id }: OpenEngine, settings: Settings): Promise<DaemonFacts> {
  return {
    version,
    commit: '',
    built: '',
    id,
    root: settings.dataRoot,
    operatingSystem: await operatingSystem(),
    mirrors: settings.registryMirrors,
    insecureRegistries: settings.insecureRegistries,
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
