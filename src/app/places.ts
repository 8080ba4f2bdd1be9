import path from 'node:path';

/** What decides where things lie by default. */
export interface Surroundings {
  /** The user's numeric id; 0 is root. */
  readonly uid: number;
  readonly home: string;
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

/** The specification has relative paths ignored. */
function absolute(directory: string | undefined): string | undefined {
  return directory !== undefined && path.isAbsolute(directory) ? directory : undefined;
}
