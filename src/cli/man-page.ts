import {
  globalFlags,
  inGroup,
  topLevel,
  usageLine,
  type Command,
  type Found,
  type Group,
  type Program,
} from './command.ts';
import { describeFlag } from './flag-help.ts';
import type { Flags } from './flags.ts';

/**
 * The manual pages of the program by the names of their files, in roff (groff_man(7)): one for the program, one for
 * each group and command that help shows. The other names of a command lead to its page.
 */
export function manPages(program: Program): ReadonlyMap<string, string> {
  const pages = new Map([[fileName(program.name), programPage(program)]]);
  for (const group of program.groups) {
    pages.set(fileName(`${program.name} ${group.name}`), groupPage(program, group));
    for (const { name } of visible(group.commands)) {
      const found = inGroup(program, group, name);
      if (found === undefined) continue;
      pages.set(fileName(found.path), commandPage(program, found));
      for (const alias of found.aliases) {
        if (alias !== found.path) pages.set(fileName(alias), `.so man1/${fileName(found.path)}\n`);
      }
    }
  }
  const own = new Set(visible(program.commands));
  for (const found of topLevel(program).values()) {
    if (own.has(found.command)) pages.set(fileName(found.path), commandPage(program, found));
  }
  return pages;
}

function commandPage(program: Program, { command, path }: Found): string {
  const { usage, short, long, flags, examples = [] } = command;
  return page(program, { path, short }, [
    section('SYNOPSIS', synopsis(usageLine(path, usage).split('\n'))),
    section('DESCRIPTION', lines(long ?? short)),
    section('OPTIONS', options(flags)),
    section('EXAMPLES', [...['.nf', ...examples.flatMap((line) => lines(`${program.name} ${line}`)), '.fi']]),
    section('SEE ALSO', [reference(program.name)]),
  ]);
}

function groupPage(program: Program, { name, short, commands }: Group): string {
  const path = `${program.name} ${name}`;
  return page(program, { path, short }, [
    section('SYNOPSIS', synopsis([`${path} COMMAND`])),
    section('COMMANDS', list(path, visible(commands))),
    section('SEE ALSO', [reference(program.name)]),
  ]);
}

function programPage(program: Program): string {
  const { name, short, groups } = program;
  const top = [...topLevel(program)].map(([each, { command }]) => ({ ...command, name: each }));
  return page(program, { path: name, short }, [
    section('SYNOPSIS', synopsis([`${name} [OPTIONS] COMMAND [ARG...]`])),
    section('COMMANDS', list(name, [...groups, ...visible(top)])),
    section('OPTIONS', options(globalFlags)),
  ]);
}

function page(
  { name, version }: Program,
  { path, short }: { path: string; short: string },
  sections: readonly string[],
): string {
  // No date: the same sources make the same page.
  const title = `.TH ${quoted(fileName(path).replace(/\.1$/, '').toUpperCase())} 1 "" ${quoted(version)} ${quoted(name)}`;
  const what = section('NAME', [`${escape(path.replaceAll(' ', '-'))} \\- ${escape(short)}`]);
  return [title, what, ...sections].filter((part) => part !== '').join('\n') + '\n';
}

function section(title: string, content: readonly string[]): string {
  return content.length === 0 ? '' : [`.SH ${quoted(title)}`, ...content].join('\n');
}

function synopsis(forms: readonly string[]): string[] {
  return forms.flatMap((form, index) => [...(index === 0 ? [] : ['.br']), ...lines(form.trim())]);
}

function options(flags: Flags): string[] {
  const shown = Object.entries(flags).filter(([, { hidden }]) => hidden !== true);
  return shown.sort(byName).flatMap(([name, flag]) => {
    const { left, right } = describeFlag(name, flag);
    return ['.TP', `.B ${quoted(escape(left.trim()))}`, ...broken(right)];
  });
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function list(path: string, entries: readonly { name: string; short: string }[]): string[] {
  const ordered = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  return ordered.flatMap(({ name, short }) => ['.TP', reference(`${path} ${name}`), ...lines(short)]);
}

/** The name of another page, as pages spell it. */
function reference(path: string): string {
  return `.BR ${quoted(escape(path.replaceAll(' ', '-')))} (1)`;
}

function visible<T extends Pick<Command, 'hidden'>>(entries: readonly T[]): T[] {
  return entries.filter(({ hidden }) => hidden !== true);
}

function fileName(path: string): string {
  return `${path.replaceAll(' ', '-')}.1`;
}

/** Lines of the text that stay lines. */
function broken(text: string): string[] {
  return text.split('\n').flatMap((line, index) => [...(index === 0 ? [] : ['.br']), ...lines(line)]);
}

/** Text as lines of roff: an empty one is the space between paragraphs. */
function lines(text: string): string[] {
  return text.split('\n').map((line) => {
    if (line.trim() === '') return '.PP';
    const escaped = escape(line);
    // A line that begins so is a request to roff.
    return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
  });
}

/** A backslash and a hyphen mean something else to roff, and what is not ASCII needs a name (groff_char(7)). */
function escape(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/[^\x00-\x7f]/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      return `\\[u${code}]`;
    });
}

/** One argument of a request. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\(dq')}"`;
}
