import { readFile } from 'node:fs/promises';
import { fromErrno, GantryError } from '#errors';
import { defaultDataRoot, type Surroundings } from './places.ts';

/** What a daemon, or a command without one, is told. */
export interface Settings {
  /** The directory of the store. */
  readonly dataRoot: string;
  /** Where to listen: `unix:///path` or `tcp://127.0.0.1:2375`. */
  readonly hosts: readonly string[];
  /** URLs that are asked before Docker Hub. */
  readonly registryMirrors: readonly string[];
  /** Hosts and networks where http, and any certificate, will do. */
  readonly insecureRegistries: readonly string[];
  readonly maxConcurrentDownloads: number;
  readonly maxConcurrentUploads: number;
  readonly maxDownloadAttempts: number;
  /** When layers are unpacked, where they can be. */
  readonly unpack: 'eager' | 'lazy';
}

/** dockerd's own numbers (moby daemon/config/config.go). */
const defaultSettings = {
  hosts: [],
  registryMirrors: [],
  insecureRegistries: [],
  maxConcurrentDownloads: 3,
  maxConcurrentUploads: 5,
  maxDownloadAttempts: 5,
  unpack: 'eager',
} as const satisfies Omit<Settings, 'dataRoot'>;

type Reader = (value: unknown) => Partial<Settings> | undefined;

const strings = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
const count = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;

function reader<Key extends keyof Settings>(
  key: Key,
  read: (value: unknown) => Settings[Key] | undefined,
): Reader {
  return (value) => {
    const setting = read(value);
    return setting === undefined ? undefined : { [key]: setting };
  };
}

/** The keys of a configuration file, as dockerd spells them, and what they take. */
const keys: Readonly<Record<string, readonly [Reader, string]>> = {
  'data-root': [
    reader('dataRoot', (value) => (typeof value === 'string' && value.startsWith('/') ? value : undefined)),
    'an absolute path',
  ],
  hosts: [reader('hosts', strings), 'a list of addresses'],
  'registry-mirrors': [reader('registryMirrors', strings), 'a list of URLs'],
  'insecure-registries': [reader('insecureRegistries', strings), 'a list of hosts or networks'],
  'max-concurrent-downloads': [reader('maxConcurrentDownloads', count), 'a whole number above 0'],
  'max-concurrent-uploads': [reader('maxConcurrentUploads', count), 'a whole number above 0'],
  'max-download-attempts': [reader('maxDownloadAttempts', count), 'a whole number above 0'],
  unpack: [
    reader('unpack', (value) => (value === 'eager' || value === 'lazy' ? value : undefined)),
    '"eager" or "lazy"',
  ],
};

/**
 * Reads a configuration file: a JSON object with dockerd's keys and ours.
 *
 * @throws invalid-argument `config-invalid`, with file and line, for a file that is no JSON object, a key that
 *   is not known, or a value of the wrong kind; not-found `errno-enoent`
 */
async function readSettings(file: string): Promise<Partial<Settings>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw fromErrno(error, `read the configuration ${file}`, { file });
  }
  return parseSettings(text, file);
}

/** As `readSettings`, of text; `file` is for messages. */
export function parseSettings(text: string, file: string): Partial<Settings> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw invalid(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw invalid(`${file} must hold one JSON object`);
  }
  const settings: Partial<Settings> = {};
  for (const [key, value] of Object.entries(document)) {
    const place = `${file}:${lineOf(text, key)}`;
    const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (known === undefined) {
      throw invalid(
        `${place}: there is no setting "${key}"; the nearest is "${nearest(key, Object.keys(keys))}"`,
      );
    }
    const [read, wanted] = known;
    const setting = read(value);
    if (setting === undefined) throw invalid(`${place}: "${key}" must be ${wanted}`);
    Object.assign(settings, setting);
  }
  return settings;
}

function invalid(message: string, cause?: unknown): GantryError {
  return new GantryError('invalid-argument', 'config-invalid', message, cause === undefined ? {} : { cause });
}

function lineOf(text: string, key: string): number {
  const at = text.indexOf(`${JSON.stringify(key)}`);
  return text.slice(0, Math.max(at, 0)).split('\n').length;
}

function nearest(word: string, candidates: readonly string[]): string {
  const distances = candidates.map((candidate) => [distance(word, candidate), candidate] as const);
  return distances.reduce((best, each) => (each[0] < best[0] ? each : best))[1];
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (char === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * The settings in force: `given` (the command line) before the configuration file before the defaults.
 *
 * @throws what `readSettings` throws
 */
export async function resolveSettings(
  given: Partial<Settings>,
  configFile: string,
  surroundings: Surroundings,
): Promise<Settings> {
  const file = configFile === '' ? {} : await readSettings(configFile);
  return { dataRoot: defaultDataRoot(surroundings), ...defaultSettings, ...file, ...given };
}
