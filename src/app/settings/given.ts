import path from 'node:path';
import type { Command } from '#cli';
import { GantryError } from '#errors';
import { type Definition, definitions, flagOf, type SettingName, variableOf } from './table.ts';

/** One value and who said it: `--data-root` or `GANTRY_DATA_ROOT`. */
export interface Given {
  readonly value: unknown;
  readonly from: string;
}

/** The flags of all that serves a store. */
export const settingFlags: Command['flags'] = {
  'config-file': { type: 'string', usage: 'Configuration file, with the keys of dockerd’s daemon.json' },
  ...Object.fromEntries(
    definitions.map(([, definition]) => {
      const { kind, short, usage } = definition;
      return [flagOf(definition), { type: kind.flag, usage, ...(short !== undefined && { short }) }];
    }),
  ),
};

/**
 * What a command line says. `given` holds the names of the flags in it; paths are relative to `cwd`.
 *
 * @throws invalid-argument `config-invalid`
 */
export function settingsOfFlags(
  flags: Readonly<Record<string, unknown>>,
  { given, cwd }: { given: ReadonlySet<string>; cwd: string },
): ReadonlyMap<SettingName, Given> {
  return collect((definition) => {
    const flag = flagOf(definition);
    if (!given.has(flag)) return undefined;
    const value = flags[flag.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    const isPath = definition.kind.isPath === true && typeof value === 'string' && value !== '';
    return { value: isPath ? path.resolve(cwd, value) : value, from: `--${flag}` };
  });
}

/**
 * What the environment says: `GANTRY_DATA_ROOT` and so on. Empty variables say nothing.
 *
 * @throws invalid-argument `config-invalid`
 */
export function settingsOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<SettingName, Given> {
  return collect((definition) => {
    const from = variableOf(definition);
    const text = env[from];
    return text === undefined || text === '' ? undefined : { value: definition.kind.fromText(text), from };
  });
}

function collect(
  look: (definition: Definition<unknown>) => Given | undefined,
): ReadonlyMap<SettingName, Given> {
  const found = new Map<SettingName, Given>();
  for (const [name, definition] of definitions) {
    const said = look(definition);
    if (said === undefined) continue;
    const value = definition.kind.read(said.value);
    if (value === undefined) {
      throw new GantryError(
        'invalid-argument',
        'config-invalid',
        `${said.from} must be ${definition.kind.wanted}, not ${JSON.stringify(said.value)}`,
      );
    }
    found.set(name, { value, from: said.from });
  }
  return found;
}
