/**
 * The tables of docs/compatibility.md, made from the code: what `gantry` can be told, what its Engine API answers,
 * and the first test that types or asks it. A test covers what it says literally: `rmi --force`, `GET /version`.
 */
import { globSync, readFileSync } from 'node:fs';
import { gantryProgram } from '#cli';
import { absentRoutes } from '../src/engine-api/absent.ts';
import { containerRoutes } from '../src/engine-api/containers.ts';
import { networkRoutes } from '../src/engine-api/networks.ts';
import { routes } from '../src/engine-api/routes.ts';

interface TestFile {
  readonly name: string;
  readonly text: string;
}

/** The titles of a table and its words, in the language of the page. */
export interface Words {
  readonly titles: readonly string[];
  /** An endpoint that does its work, and one that says that there is nothing of the kind. */
  readonly served: string;
  readonly empty: string;
}

/** Every command with its other names, and every flag of it, with who types it at `gantry` and who at `docker`. */
export function commandTable({ titles }: Pick<Words, 'titles'>): string {
  const program = gantryProgram('');
  const gantry = read(['test/e2e/session.ts', 'test/e2e/bad-input.test.ts', 'src/cli/**/*.test.ts']);
  const docker = read(['test/e2e/docker-session.test.ts', 'test/e2e/oracle.test.ts', 'test/e2e/session.ts']);
  const all = [
    ...program.groups.flatMap(({ name, commands }) => commands.map((command) => ({ group: name, command }))),
    ...program.commands.map((command) => ({ group: '', command })),
  ];
  const rows = all.flatMap(({ group, command }) => {
    const at = (name: string) => `${group} ${name}`.trim();
    const aliases = [...(command.aliases ?? []).map(at), ...(command.shortcut ? [command.shortcut] : [])];
    const names = [at(command.name), ...aliases];
    const covers = (rest: string) => {
      const typed = new RegExp(`(?:[\`'"]|gantry |docker )(?:${names.join('|')})${rest}`);
      return [covering(gantry, typed), covering(docker, typed)];
    };
    const flags = Object.entries(command.flags).filter(([, { hidden }]) => hidden !== true);
    return [
      [`**${at(command.name)}**`, aliases.join(', '), '', ...covers('(?=[ `\'"])')],
      ...flags.map(([name, { short }]) => {
        const spelled = [`--${name}`, ...(short === undefined ? [] : [`-[a-zA-Z]*${short}[a-zA-Z]*`])];
        const shown = short === undefined ? `\`--${name}\`` : `\`--${name}\`, \`-${short}\``;
        return ['', '', shown, ...covers(` (?:[^\`'"\\n]* )?(?:${spelled.join('|')})(?=[ =\`'"])`)];
      }),
    ];
  });
  return table(titles, rows);
}

/** Every endpoint, whether there is anything behind it, and its test. */
export function endpointTable({ titles, served, empty }: Words): string {
  const nothing = new Set([...absentRoutes, ...containerRoutes, ...networkRoutes]);
  const compiled = routes.map((route) => ({
    route,
    pattern: new RegExp(`^${route.path.replace('{name}', '.*')}$`),
  }));
  const tested = new Map<unknown, string>();
  for (const { name, text } of read(['test/api/*.test.ts', 'src/engine-api/*.test.ts'])) {
    for (const [, method, path = ''] of text.matchAll(/\b([A-Z]{3,6}) (\/[^\s'"`?]*)/g)) {
      const bare = path.replace(/^\/v(?:[\d.]+|\$\{\w+\})(?=\/)/, '');
      const found = compiled.find(({ route, pattern }) => route.method === method && pattern.test(bare));
      if (found !== undefined && !tested.has(found.route)) tested.set(found.route, name);
    }
  }
  const rows = routes.map((route) => [
    `${route.method} \`${route.path}\``,
    nothing.has(route) ? empty : served,
    tested.get(route) ?? '',
  ]);
  return table(titles, rows);
}

function read(patterns: readonly string[]): readonly TestFile[] {
  return patterns.flatMap((pattern) =>
    globSync(pattern)
      .sort()
      .map((name) => ({ name, text: readFileSync(name, 'utf8') })),
  );
}

function covering(files: readonly TestFile[], pattern: RegExp): string {
  return files.find(({ text }) => pattern.test(text))?.name ?? '';
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')));
  return [titles, titles.map(() => '---'), ...escaped].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
