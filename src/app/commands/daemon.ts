import path from 'node:path';
import { type Command, type CommandIO, defineCommand } from '#cli';
import { findError, GantryError, toError } from '#errors';
import { runDaemon, type RunDaemonOptions } from '../daemon.ts';
import { defaultSocket, type Surroundings } from '../places.ts';
import { resolveSettings, type Settings } from '../settings.ts';

/** The flags of all that serves a store. */
export const daemonFlags = {
  'config-file': { type: 'string', usage: 'Configuration file, with the keys of dockerd’s daemon.json' },
  'data-root': { type: 'string', usage: 'Directory of the store' },
  host: { type: 'list', short: 'H', usage: 'Address to listen at: unix:///path or tcp://127.0.0.1:port' },
  'insecure-registry': { type: 'list', usage: 'Registry to reach without TLS, or with any certificate' },
  'registry-mirror': { type: 'list', usage: 'Mirror of Docker Hub to ask first' },
  unpack: { type: 'string', usage: 'When to unpack layers: "eager" (as they arrive) or "lazy"' },
} as const;

/** `gantry daemon`: serves the Engine API in the foreground. */
export function daemonCommand(surroundings: Surroundings): Command {
  return defineCommand({
    name: 'daemon',
    usage: '[OPTIONS]',
    short: 'Serve the Engine API to docker and every other client',
    examples: [
      'daemon --host unix:///run/gantry.sock --data-root /var/lib/gantry',
      'daemon --config-file /etc/gantry/daemon.json',
    ],
    flags: daemonFlags,
    arity: { min: 0, max: 0 },
    async run({ io, flags, signal }) {
      const settings = await daemonSettings(flags, io, surroundings);
      await runDaemon(settings, {
        ...surroundings,
        signal,
        onReady: () => {
          io.stderr.write(`gantry serves ${settings.hosts.join(', ')} from ${settings.dataRoot}\n`);
        },
        onFailure: reportFailure(io),
      });
      return undefined;
    },
  });
}

/** Prints what failed without a client to tell, a line each. */
export function reportFailure({ stderr }: CommandIO): RunDaemonOptions['onFailure'] {
  return (error, { method, path: asked }) => {
    stderr.write(`${method} ${asked}: ${(findError(error) ?? toError(error)).message}\n`);
  };
}

interface DaemonFlags {
  readonly configFile: string;
  readonly dataRoot: string;
  readonly host: readonly string[];
  readonly insecureRegistry: readonly string[];
  readonly registryMirror: readonly string[];
  readonly unpack: string;
}

/** What the flags, the file and the defaults say together. @throws invalid-argument `config-invalid` */
export async function daemonSettings(
  flags: DaemonFlags,
  { cwd }: CommandIO,
  surroundings: Surroundings,
): Promise<Settings> {
  const { configFile, dataRoot, host, insecureRegistry, registryMirror, unpack } = flags;
  const given: Partial<Settings> = {
    ...(dataRoot !== '' && { dataRoot: path.resolve(cwd, dataRoot) }),
    ...(host.length > 0 && { hosts: host }),
    ...(insecureRegistry.length > 0 && { insecureRegistries: insecureRegistry }),
    ...(registryMirror.length > 0 && { registryMirrors: registryMirror }),
    ...(unpack !== '' && { unpack: parseUnpack(unpack) }),
  };
  const file = configFile === '' ? '' : path.resolve(cwd, configFile);
  const settings = await resolveSettings(given, file, surroundings);
  return settings.hosts.length > 0
    ? settings
    : { ...settings, hosts: [`unix://${defaultSocket(surroundings)}`] };
}

function parseUnpack(text: string): Settings['unpack'] {
  if (text === 'eager' || text === 'lazy') return text;
  throw new GantryError(
    'invalid-argument',
    'config-invalid',
    `--unpack must be "eager" or "lazy", not "${text}"`,
  );
}
