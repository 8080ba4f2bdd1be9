import path from 'node:path';

/** What decides where things lie by default. */
export interface Surroundings {
  /** The user's numeric id; 0 is root. */
  readonly uid: number;
  readonly home: string;
  /** The absolute path against which relative ones are resolved. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The store: `/var/lib/gantry` for root, the XDG data directory for others (XDG Base Directory Specification). */
export function defaultDataRoot({ uid, home, env }: Surroundings): string {
  if (uid === 0) return '/var/lib/gantry';
  return path.join(absolute(env['XDG_DATA_HOME']) ?? path.join(home, '.local/share'), 'gantry');
}

/** The daemon's socket: below `/run` for root, in the XDG runtime directory for others, or else beside the store. */
export function defaultSocket(surroundings: Surroundings): string {
  if (surroundings.uid === 0) return '/run/gantry.sock';
  return path.join(
    absolute(surroundings.env['XDG_RUNTIME_DIR']) ?? defaultDataRoot(surroundings),
    'gantry.sock',
  );
}

/** The configuration: `/etc/gantry/daemon.json` for root, in the XDG configuration directory for others. */
export function defaultConfigFile({ uid, home, env }: Surroundings): string {
  if (uid === 0) return '/etc/gantry/daemon.json';
  return path.join(absolute(env['XDG_CONFIG_HOME']) ?? path.join(home, '.config'), 'gantry/daemon.json');
}

/** The specification has relative paths ignored. */
function absolute(directory: string | undefined): string | undefined {
  return directory !== undefined && path.isAbsolute(directory) ? directory : undefined;
}
