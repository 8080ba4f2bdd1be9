import { formatFloat } from './float.ts';
import { JsonNumber, sortedEntries, Struct, type Value } from './value.ts';

/**
 * A value as Go's fmt prints it with %v: `map[a:1 b:2]` with sorted keys, `[a b]`, `{a b}` for structures,
 * `<nil>`. Numbers print as Go prints ints and float64s.
 */
export function formatValue(value: Value): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatFloat(value, 'g', -1);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'function') return 'func';
  if (value instanceof JsonNumber) return value.text;
  return formatComposite(value, formatValue);
}

/** A list, map or structure, its elements written by `element`. */
export function formatComposite(
  value: readonly Value[] | ReadonlyMap<string, Value> | Struct,
  element: (value: Value) => string,
): string {
  if (value instanceof Struct)
    return `{${value
      .names()
      .map((name) => element(value.get(name)))
      .join(' ')}}`;
  if (value instanceof Map) {
    const entries = sortedEntries(value as ReadonlyMap<string, Value>);
    return `map[${entries.map(([key, field]) => `${element(key)}:${element(field)}`).join(' ')}]`;
  }
  return `[${(value as readonly Value[]).map(element).join(' ')}]`;
}

/** fmt.Sprint: a space stands between two operands when neither is a string. */
export function sprint(values: readonly Value[]): string {
  let text = '';
  values.forEach((value, i) => {
    const before = values[i - 1];
    if (i > 0 && typeof value !== 'string' && typeof before !== 'string') text += ' ';
    text += formatValue(value);
  });
  return text;
}

/**
 * A value as Go's encoding/json writes it without HTML escaping, which is docker's `json` function. Maps keep
 * their order; structures with functions are written with their names sorted, as docker's rows are.
 */
export function toJson(value: Value): string {
  if (value === undefined || value === null || typeof value === 'function') return 'null';
  if (typeof value === 'string') {
    // encoding/json escapes the two line separators that JSON allows and JavaScript once did not.
    return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  }
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof Struct) {
    const isRow = Object.values(value.fields).some((field) => typeof field === 'function');
    const names = isRow ? value.names().sort() : value.names();
    return `{${names.map((name) => `${toJson(name)}:${toJson(value.get(name))}`).join(',')}}`;
  }
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Value>)];
    return `{${entries.map(([key, field]) => `${toJson(key)}:${toJson(field)}`).join(',')}}`;
  }
  if (typeof value !== 'object') return String(value);
  return `[${(value as readonly Value[]).map(toJson).join(',')}]`;
}

/** A Go string literal: fmt's %q, and with `ascii` its %+q. */
export function quote(
  text: string,
  { ascii = false, mark = '"' }: { ascii?: boolean; mark?: string } = {},
): string {
  const named: Record<string, string> = {
    '\x07': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\\': '\\\\',
    [mark]: `\\${mark}`,
  };
  const escaped = Array.from(text).map((char) => {
    const code = char.codePointAt(0) ?? 0;
    const short = named[char];
    if (short !== undefined) return short;
    if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
    if (isPrintable(char) && !(ascii && code > 0x7f)) return char;
    const hex = code.toString(16);
    return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
  return mark + escaped.join('') + mark;
}

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and of the spaces only U+0020. */
export function isPrintable(char: string): boolean {
  return char === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
}
