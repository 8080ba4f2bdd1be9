import { globalFlags, topLevel, usageLine, type Found, type Group, type Program } from './command.ts';
import { describeFlags } from './flag-help.ts';

// Docker leaves the last cell of a line free.
const margin = 1;
// cobra pads the names of commands at least so far.
const namePadding = 11;

/** The help of one command in docker's layout; `columns` is the width to wrap in. */
export function commandHelp({ command, path, aliases }: Found, columns: number): string {
  const { usage, short, long, examples, flags } = command;
  const sections = [`Usage:  ${usageLine(path, usage)}`, long ?? short];
  if (aliases.length > 0) sections.push(`Aliases:\n  ${aliases.join(', ')}`);
  const visible = Object.values(flags).some(({ hidden }) => hidden !== true);
  if (visible) sections.push(`Options:\n${describeFlags(flags, columns - margin)}`.trimEnd());
  if (examples !== undefined) {
    const program = path.slice(0, path.indexOf(' '));
    sections.push(`Examples:\n${examples.map((line) => `  ${program} ${line}`).join('\n')}`);
  }
  return `${sections.join('\n\n')}\n`;
}

/** The help of a group: its commands. */
export function groupHelp(program: Program, group: Group): string {
  const path = `${program.name} ${group.name}`;
  const sections = [
    `Usage:  ${path} COMMAND`,
    group.short,
    list('Commands', visible(group.commands)),
    `Run '${path} COMMAND --help' for more information on a command.`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The first help: all that can be called, and the flags before it. */
export function programHelp(program: Program, columns: number): string {
  const entries = visible([...topLevel(program)].map(([name, { command }]) => ({ ...command, name })));
  const isCommon = ({ common }: { common?: number }): boolean => common !== undefined;
  const common = entries.filter(isCommon).sort((a, b) => (a.common ?? 0) - (b.common ?? 0));
  const sections = [
    `Usage:  ${program.name} [OPTIONS] COMMAND`,
    program.short,
    ...(common.length > 0 ? [list('Common Commands', common, false)] : []),
    ...(program.groups.length > 0 ? [list('Management Commands', program.groups)] : []),
    list(
      'Commands',
      entries.filter((entry) => !isCommon(entry)),
    ),
    `Global Options:\n${describeFlags(globalFlags, columns - margin)}`.trimEnd(),
    `Run '${program.name} COMMAND --help' for more information on a command.`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function visible<T extends { hidden?: boolean }>(entries: readonly T[]): T[] {
  return entries.filter(({ hidden }) => hidden !== true);
}

function list(title: string, entries: readonly { name: string; short: string }[], sorted = true): string {
  const width = Math.max(namePadding, ...entries.map(({ name }) => name.length));
  const ordered = sorted ? [...entries].sort((a, b) => (a.name < b.name ? -1 : 1)) : entries;
  return [`${title}:`, ...ordered.map(({ name, short }) => `  ${name.padEnd(width)} ${short}`)].join('\n');
}
