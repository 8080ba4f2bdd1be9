import { ramInBytes } from './units.ts';

/** Filters by name, each with its values in their order, as the Engine API takes them. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** The value that a flag of each type has. */
export interface FlagValues {
  boolean: boolean;
  string: string;
  /** A 64-bit integer in Go, here as far as a number is exact. */
  int: number;
  /** A size: `512m` is 536870912. */
  bytes: number;
  /** Given several times: each value as it is. */
  list: readonly string[];
  /** Given several times or with commas: `a,b`. */
  strings: readonly string[];
  /** Given several times: `name=value`. */
  filter: Filters;
}

export type FlagType = keyof FlagValues;

/** How one type reads its texts. Errors are worded as Go words them: they end docker's `invalid argument …`. */
interface Reader<Value> {
  readonly zero: Value;
  /** The word for the value in help; none for switches. */
  readonly placeholder: string;
  /** The value with one more text; `first` is true when only the default came before. Throws an Error. */
  read(text: string, before: Value, first: boolean): Value;
}

/** Go's words for booleans (strconv.ParseBool). */
const booleans: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false])),
};

export const readers: { readonly [Type in FlagType]: Reader<FlagValues[Type]> } = {
  boolean: {
    zero: false,
    placeholder: '',
    read: (text) => {
      if (!Object.hasOwn(booleans, text))
        throw new Error(`strconv.ParseBool: ${parsing(text)}: invalid syntax`);
      return booleans[text] === true;
    },
  },
  string: { zero: '', placeholder: 'string', read: (text) => text },
  int: { zero: 0, placeholder: 'int', read: readInt },
  bytes: { zero: 0, placeholder: 'bytes', read: ramInBytes },
  list: {
    zero: [],
    placeholder: 'list',
    read: (text, before, first) => (first ? [text] : [...before, text]),
  },
  strings: {
    zero: [],
    placeholder: 'strings',
    read: (text, before, first) => [...(first ? [] : before), ...splitComma(text)],
  },
  filter: { zero: {}, placeholder: 'filter', read: readFilter },
};

function parsing(text: string): string {
  return `parsing ${JSON.stringify(text)}`;
}

function readInt(text: string): number {
  const digits = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(text);
  if (!digits) throw new Error(`strconv.ParseInt: ${parsing(text)}: invalid syntax`);
  const [, sign, magnitude = ''] = digits;
  // Go reads a bare leading zero as octal.
  const size = BigInt(magnitude.replace(/^0(?=[0-7])/, '0o'));
  const value = sign === '-' ? -size : size;
  if (BigInt.asIntN(64, value) !== value)
    throw new Error(`strconv.ParseInt: ${parsing(text)}: value out of range`);
  return Number(value);
}

/** One line of comma-separated values (RFC 4180): quoted fields may contain commas. */
function splitComma(text: string): string[] {
  if (text === '') return [];
  const fields = text.match(/(?:^|,)(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/g) ?? [];
  if (fields.join('').length !== text.length) throw new Error(`bad list of values: ${JSON.stringify(text)}`);
  return fields.map((field, i) => {
    const value = i === 0 ? field : field.slice(1);
    return value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value;
  });
}

function readFilter(text: string, before: Filters): Filters {
  if (text === '') return before;
  const equals = text.indexOf('=');
  if (equals < 0) throw new Error('bad format of filter (expected name=value)');
  const name = text.slice(0, equals).trim().toLowerCase();
  const value = text.slice(equals + 1).trim();
  const known = Object.hasOwn(before, name) ? (before[name] ?? []) : [];
  return { ...before, [name]: known.includes(value) ? known : [...known, value] };
}
