import { readFile } from 'node:fs/promises';
import type * as Momoa from '@humanwhocodes/momoa';
import type { MemberNode, ObjectNode, ValueNode } from '@humanwhocodes/momoa';
import { nearest } from '#cli';
import { errnoOf, fromErrno, GantryError, toError } from '#errors';
import { unusedDockerdKeys } from './dockerd-keys.ts';
import { type Definition, definitions, type SettingName } from './table.ts';

/** What a configuration file says. */
export interface FileSettings {
  readonly values: ReadonlyMap<SettingName, { readonly value: unknown; readonly line: number }>;
  /** What is no error and may still be no one's wish, a line each. */
  readonly warnings: readonly string[];
}

const byKey = new Map(definitions.map((entry) => [entry[1].key, entry]));
const objects = new Set([...byKey.keys()].flatMap((key) => /^(.*)\./.exec(key)?.[1] ?? []));

/**
 * Reads a configuration file: one JSON object with dockerd's keys and ours. Comments, and a comma behind the last,
 * are allowed. `optional` means that it need not be there.
 *
 * @throws invalid-argument `config-invalid`, with file and line, for what is no JSON object, a key that nobody
 *   knows, or a value of the wrong kind; not-found `errno-enoent`
 */
export async function readSettingsFile(
  file: string,
  { optional = false }: { optional?: boolean } = {},
): Promise<FileSettings | undefined> {
  try {
    return await parseSettings(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (optional && errnoOf(error) === 'ENOENT') return undefined;
    throw fromErrno(error, `read the configuration ${file}`, { file });
  }
}

/** As `readSettingsFile`, of text; `file` is for messages. */
export async function parseSettings(text: string, file: string): Promise<FileSettings> {
  // dockerd takes a file of nothing for one that sets nothing.
  if (text.trim() === '') return { values: new Map(), warnings: [] };
  // Most commands meet no file, and need not pay for its parser.
  const momoa = await import('@humanwhocodes/momoa');
  const reading = new Reading(momoa, file);
  reading.object(parseObject(momoa, text, file), '');
  return { values: reading.values, warnings: reading.warnings() };
}

function parseObject(momoa: typeof Momoa, text: string, file: string): ObjectNode {
  let body: ValueNode;
  try {
    body = momoa.parse(text.replace(/^\uFEFF/, ''), { mode: 'jsonc', allowTrailingCommas: true }).body;
  } catch (error) {
    const { line = 1 } = error as { line?: number };
    throw invalid(`${file}:${line}: this is no JSON: ${toError(error).message}`, error);
  }
  if (body.type === 'Object') return body;
  throw invalid(`${file}:${body.loc.start.line}: the file must hold one JSON object`);
}

class Reading {
  readonly values = new Map<SettingName, { value: unknown; line: number }>();
  private readonly momoa: typeof Momoa;
  private readonly file: string;
  private readonly unused: string[] = [];
  private readonly repeated: string[] = [];

  constructor(momoa: typeof Momoa, file: string) {
    this.momoa = momoa;
    this.file = file;
  }

  /** Takes the members of the file's object, or of one in it, whose keys begin with `prefix`. */
  object({ members }: ObjectNode, prefix: string): void {
    const lines = new Map<string, number>();
    for (const member of members) {
      const key = prefix + nameOf(member);
      const { line } = member.loc.start;
      const before = lines.get(key);
      // The last one counts, as with dockerd.
      if (before !== undefined) this.repeated.push(`"${key}" (lines ${before} and ${line})`);
      lines.set(key, line);
      this.member(key, member);
    }
  }

  warnings(): readonly string[] {
    const say = (what: string, keys: readonly string[]) =>
      keys.length === 0 ? [] : `${this.file}: ${what}: ${keys.join(', ')}`;
    return [
      say('settings of Docker that mean nothing to Gantry', this.unused),
      say('settings that stand there twice, of which the last counts', this.repeated),
    ].flat();
  }

  private member(key: string, { loc, value }: MemberNode): void {
    const entry = byKey.get(key);
    if (entry !== undefined) {
      this.values.set(entry[0], { value: this.value(entry[1], value), line: loc.start.line });
    } else if (objects.has(key)) {
      if (value.type !== 'Object') throw this.wrong(value, key, 'an object');
      this.object(value, `${key}.`);
    } else if (unusedDockerdKeys.has(key)) {
      this.unused.push(key);
    } else {
      const near = nearestKey(key);
      const hint = near === undefined ? '' : `; the nearest is "${near}"`;
      throw invalid(`${this.file}:${loc.start.line}: there is no setting "${key}"${hint}`);
    }
  }

  private value({ key, kind }: Definition<unknown>, node: ValueNode): unknown {
    const { item } = kind;
    if (item !== undefined && node.type === 'Array') {
      const bad = node.elements.find((each) => item.read(this.momoa.evaluate(each.value)) === undefined);
      if (bad !== undefined)
        throw this.wrong(bad.value, key, `${kind.wanted}, and this is not ${item.wanted}`);
    }
    const value = kind.read(this.momoa.evaluate(node));
    if (value === undefined) throw this.wrong(node, key, kind.wanted);
    return value;
  }

  private wrong(node: ValueNode, key: string, wanted: string): GantryError {
    return invalid(`${this.file}:${node.loc.start.line}: "${key}" must be ${wanted}`);
  }
}

function nameOf({ name }: MemberNode): string {
  return name.type === 'String' ? name.value : name.name;
}

/** The key that was meant: one that holds the word, or else the one with the fewest mistakes. */
function nearestKey(key: string): string | undefined {
  const all = [...byKey.keys()];
  const word = key.replace(/^.*\./, '');
  return all.find((each) => each.includes(word)) ?? nearest(key, all, { most: Infinity });
}

function invalid(message: string, cause?: unknown): GantryError {
  return new GantryError('invalid-argument', 'config-invalid', message, cause === undefined ? {} : { cause });
}
