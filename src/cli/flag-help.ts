import { readers } from './flag-types.ts';
import type { Flag, Flags } from './flags.ts';

// pflag's numbers: less than `narrow` is no room to wrap in, and a line may exceed the others by `slop` to avoid an
// orphan word.
const narrow = 24;
const slop = 5;

/**
 * The options as pflag lists them, sorted by name: the usage stands in a column of its own and is wrapped within
 * `columns`.
 */
export function describeFlags(flags: Flags, columns: number): string {
  const shown = Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => describeFlag(name, flag));
  const indent = Math.max(...shown.map(({ left }) => left.length)) + 3;
  return shown.map(({ left, right }) => `${left.padEnd(indent)}${wrap(right, indent, columns)}\n`).join('');
}

/** The flag with its letter and the word for its value, indented, and what it does with its default. */
export function describeFlag(name: string, flag: Flag): { left: string; right: string } {
  const named = /`([^`]*)`/.exec(flag.usage)?.[1];
  const placeholder = named ?? flag.placeholder ?? readers[flag.type].placeholder;
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  const value = defaultOf(flag);
  return {
    left: `  ${short}--${name}${placeholder === '' ? '' : ` ${placeholder}`}`,
    right: flag.usage.replaceAll('`', '') + (value === undefined ? '' : ` (default ${value})`),
  };
}

function defaultOf(flag: Flag): string | undefined {
  if (flag.shownDefault !== undefined) return flag.shownDefault;
  const value: unknown = flag.default;
  if (typeof value === 'string') return value === '' ? undefined : JSON.stringify(value);
  return value === true || (typeof value === 'number' && value !== 0) ? String(value) : undefined;
}

/** `text` in lines that end before `columns`, all but the first indented. Newlines of the text stay. */
function wrap(text: string, indent: number, columns: number): string {
  const room = columns - indent;
  if (room >= narrow) return lines(text, room - slop).join(`\n${' '.repeat(indent)}`);
  // Too narrow beside the flags: below them, under a short indent.
  const below = `\n${' '.repeat(16)}`;
  const texts = columns - 16 < narrow ? text.split('\n') : lines(text, columns - 16 - slop);
  return below + texts.join(below);
}

function lines(text: string, width: number): string[] {
  const result: string[] = [];
  let rest = text;
  while (rest !== '') {
    const end = breakAt(rest, width);
    result.push(...rest.slice(0, end).split('\n'));
    rest = rest.slice(end + 1);
  }
  return result;
}

/** Where the first line of `text` ends: at its first newline, at the last space within the width, or with the text. */
function breakAt(text: string, width: number): number {
  if (width + slop > text.length) return text.length;
  const head = text.slice(0, width);
  const space = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'));
  if (space <= 0) return text.length;
  const newline = head.lastIndexOf('\n');
  return newline > 0 && newline < space ? newline : space;
}
