import { compare, equal, index, length, slice } from './builtins.ts';
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts';
import { formatValue, sprint, toJson } from './format.ts';
import { sprintf } from './printf.ts';
import { lift, lower, truth, type Callable, type Numbers, type Value } from './value.ts';

/** What a function takes: the type of each argument and, for variadic functions, of the rest. */
export type ParameterType = 'any' | 'string' | 'int' | '[]string';

/** A function of templates. `call` may throw an Error: its message becomes `error calling NAME: …`. */
export interface TemplateFunction {
  readonly parameters: readonly ParameterType[];
  readonly rest?: ParameterType;
  readonly call: (...args: readonly Value[]) => Value;
}

/** The functions of a template, by name. */
export type Functions = Readonly<Record<string, TemplateFunction>>;

function text(call: (value: string) => Value): TemplateFunction {
  return { parameters: ['string'], call: (value) => call(value as string) };
}

function comparison(holds: (order: number) => boolean): TemplateFunction {
  return { parameters: ['any', 'any'], call: (a, b) => holds(compare(a, b)) };
}

function printing(call: (values: readonly Value[]) => string): TemplateFunction {
  return { parameters: [], rest: 'any', call: (...values) => call(values) };
}

/** html, js and urlquery take their arguments as print does, and a missing value by its words. */
function escaping(escape: (text: string) => string): TemplateFunction {
  return printing((values) => escape(sprint(values.map((value) => value ?? '<no value>'))));
}

/**
 * Go's predefined functions (pkg.go.dev/text/template, section Functions). `and`, `or` and `call` are here for their
 * parameters: the execution does their work.
 */
const builtins: Functions = {
  and: { parameters: ['any'], rest: 'any', call: (value) => value },
  or: { parameters: ['any'], rest: 'any', call: (value) => value },
  call: { parameters: ['any'], rest: 'any', call: (value) => value },
  not: { parameters: ['any'], call: (value) => !truth(value) },
  len: { parameters: ['any'], call: length },
  index: { parameters: ['any'], rest: 'any', call: index },
  slice: { parameters: ['any'], rest: 'any', call: slice },
  eq: { parameters: ['any'], rest: 'any', call: equal },
  ne: { parameters: ['any', 'any'], call: (a, b) => !equal(a, b) },
  lt: comparison((order) => order < 0),
  le: comparison((order) => order <= 0),
  gt: comparison((order) => order > 0),
  ge: comparison((order) => order >= 0),
  print: printing(sprint),
  println: printing((values) => `${values.map(formatValue).join(' ')}\n`),
  printf: {
    parameters: ['string'],
    rest: 'any',
    call: (format, ...values) => sprintf(format as string, ...values),
  },
  html: escaping(escapeHtml),
  js: escaping(escapeJs),
  urlquery: escaping(escapeQuery),
};

/** The functions that the docker command adds. */
const docker: Functions = {
  json: { parameters: ['any'], call: toJson },
  split: {
    parameters: ['string', 'string'],
    call: (value, separator) => {
      // strings.Split with an empty separator splits into characters.
      return separator === '' ? Array.from(value as string) : (value as string).split(separator as string);
    },
  },
  join: {
    parameters: ['[]string', 'string'],
    call: (values, separator) => (values as readonly string[]).join(separator as string),
  },
  title: text((value) =>
    // strings.Title: a letter behind a space, or behind ASCII punctuation other than an underscore.
    value.replace(
      /(^|[\s\x21-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f])(\p{L})/gu,
      (_, before: string, letter: string) => {
        return before + letter.toUpperCase();
      },
    ),
  ),
  lower: text((value) => value.toLowerCase()),
  upper: text((value) => value.toUpperCase()),
  pad: {
    parameters: ['string', 'int', 'int'],
    call: (value, before, after) => {
      if (value === '') return '';
      if (Number(before) < 0 || Number(after) < 0) throw new RangeError('strings: negative Repeat count');
      return ' '.repeat(Number(before)) + (value as string) + ' '.repeat(Number(after));
    },
  },
  truncate: {
    parameters: ['string', 'int'],
    call: (value, limit) => {
      const bytes = new TextEncoder().encode(value as string);
      if (bytes.length < Number(limit)) return value;
      if (Number(limit) < 0)
        throw new RangeError(`runtime error: slice bounds out of range [:${Number(limit)}]`);
      // Docker cuts bytes; a character that is cut in two prints as U+FFFD.
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, Number(limit)));
    },
  },
};

export const functions: Functions = { ...builtins, ...docker };

/**
 * Replacements for the row of column headers: docker leaves a header as it is where a row would be changed, so that
 * `table {{upper .ID}}` keeps `IMAGE ID`. `pad`, `split` and `join` still work, to keep the columns aligned.
 */
export const headerFunctions: Functions = {
  json: text((value) => value),
  title: text((value) => value),
  lower: text((value) => value),
  upper: text((value) => value),
  truncate: { parameters: ['string', 'int'], call: (value) => value },
};

/**
 * A function of the data as a template function: it takes as many arguments as it declares, is called on `fields`,
 * and gives numbers as `numbers` says.
 */
export function dataFunction(
  call: Callable,
  { fields, numbers = 'typed' }: { readonly fields?: unknown; readonly numbers?: Numbers },
): TemplateFunction {
  return {
    parameters: Array.from({ length: call.length }, () => 'any'),
    call: (...args) => lift(call.apply(fields, args.map(lower) as never[]), numbers),
  };
}
