import path from 'node:path';
import process from 'node:process';
import { type Command, type CommandIO, defineCommand, type Invocation } from '#cli';
import { runDaemon } from '../daemon.ts';
import { planListening } from '../listen.ts';
import { type Log, openLog } from '../log.ts';
import type { Surroundings } from '../places.ts';
import { type Given, settingFlags, settingsOfFlags } from '../settings/given.ts';
import type { SettingName } from '../settings/table.ts';
import { logLevelOf, type ResolvedSettings, resolveSettings } from '../settings.ts';
import { readTls } from '../tls.ts';

/** `gantry daemon`: serves the Engine API in the foreground. */
export function daemonCommand(surroundings: Surroundings): Command {
  return defineCommand({
    name: 'daemon',
    usage: '[OPTIONS]',
    short: 'Serve the Engine API to docker and every other client',
    long: 'Serve the Engine API to docker and every other client.\nSIGHUP has it read its configuration again; SIGTERM ends it.',
    examples: [
      'daemon --host unix:///run/gantry.sock --data-root /var/lib/gantry',
      'daemon --config-file /etc/gantry/daemon.json --validate',
    ],
    flags: {
      ...settingFlags,
      validate: { type: 'boolean', usage: 'Check the configuration and exit' },
    },
    arity: { min: 0, max: 0 },
    async run(invocation) {
      const { io, flags, signal } = invocation;
      // Until the daemon is ready there is nothing to read again; the signal must not end it even then.
      using hangups = listenForHangups();
      const resolve = () => daemonSettings(invocation, surroundings);
      const resolved = await resolve();
      if (flags.validate) {
        await validate(resolved, io, surroundings);
        return undefined;
      }
      await runDaemon(resolved, {
        ...surroundings,
        signal,
        log: await daemonLog(resolved, io),
        reloads: { subscribe: hangups.subscribe, resolve },
      });
      return undefined;
    },
  });
}

/**
 * What flags, environment, file and defaults say together. The flags that stand before the command and mean the same
 * there count, too.
 *
 * @throws what `resolveSettings` throws
 */
export async function daemonSettings(
  { flags, given, globals }: Pick<Invocation, 'flags' | 'given' | 'globals'>,
  surroundings: Surroundings,
): Promise<ResolvedSettings> {
  const { cwd } = surroundings;
  const { dataRoot, host, configFile } = globals;
  const before = new Map<SettingName, Given>([
    ...settingsOfFlags({ dataRoot }, { given: new Set(dataRoot === '' ? [] : ['data-root']), cwd }),
    ...settingsOfFlags({ host }, { given: new Set(host.length === 0 ? [] : ['host']), cwd }),
  ]);
  const file = [flags['configFile'], configFile].find((each) => typeof each === 'string' && each !== '');
  return resolveSettings(
    {
      flags: new Map([...before, ...settingsOfFlags(flags, { given, cwd })]),
      configFile: typeof file === 'string' ? path.resolve(cwd, file) : '',
    },
    surroundings,
  );
}

/** The log that the settings ask for, on standard error. */
export function daemonLog({ settings }: ResolvedSettings, io: CommandIO): Promise<Log> {
  return openLog(io.stderr, { level: logLevelOf(settings), format: settings.logFormat });
}

/** Checks also what no single value shows: files, groups, and who could reach the addresses. */
async function validate(
  { settings, warnings }: ResolvedSettings,
  io: CommandIO,
  { env, uid }: Surroundings,
): Promise<void> {
  for (const warning of warnings) io.stderr.write(`${warning}\n`);
  // Sockets of systemd are there when it starts the daemon, and not now.
  const hosts = settings.hosts.filter((host) => !host.startsWith('fd://'));
  await planListening({ ...settings, hosts }, { env, uid, pids: [] });
  await readTls(settings);
  io.stdout.write('configuration OK\n');
}

interface Hangups extends Disposable {
  /** Calls `listener` at each SIGHUP until the answer is called. */
  readonly subscribe: (listener: () => void) => () => void;
}

function listenForHangups(): Hangups {
  const listeners = new Set<() => void>();
  const onSignal = () => {
    for (const listener of listeners) listener();
  };
  process.on('SIGHUP', onSignal);
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.dispose]: () => {
      process.off('SIGHUP', onSignal);
    },
  };
}
