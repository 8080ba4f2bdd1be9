/**
 * Values as templates see them. Go's types map so: `int` is bigint, `float64` is number, `json.Number` is
 * JsonNumber, slices are arrays, maps are Map (in JSON order), structs and method sets are Struct. `undefined` is
 * Go's zero reflect.Value ("no value"), `null` is nil.
 */
export type Value =
  | undefined
  | null
  | boolean
  | string
  | bigint
  | number
  | JsonNumber
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | Struct
  | Callable;

/** A number kept as the text it had in JSON. Go's `json.Number`: a string type. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object whose fields may be functions: they are called when a template names them. */
export class Struct {
  readonly typeName: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly numbers: Numbers;

  constructor(typeName: string, fields: Readonly<Record<string, unknown>>, numbers: Numbers) {
    this.typeName = typeName;
    this.fields = fields;
    this.numbers = numbers;
  }

  /** The field as it is, or its function called without arguments. Fields that need arguments are left out. */
  get(name: string): Value {
    const field = this.fields[name];
    return lift(typeof field === 'function' ? (field as Callable).call(this.fields) : field, this.numbers);
  }

  /** The names that `get` takes, in their order. */
  names(): string[] {
    return Object.keys(this.fields).filter((name) => {
      const field = this.fields[name];
      return typeof field !== 'function' || field.length === 0;
    });
  }
}

/** A function among the data. Its arguments are plain JavaScript values: integers come as numbers. */
export type Callable = (...args: never[]) => unknown;

/**
 * How numbers of the data appear:
 * - `typed`: integers as Go's `int`, others as `float64`, as in docker's typed structures;
 * - `json`: as `json.Number`, which is how docker's inspect reads raw JSON;
 * - `float`: all as `float64`, as Go reads JSON into an empty interface (1984494 prints as 1.984494e+06).
 */
export type Numbers = 'typed' | 'json' | 'float';

const typeNames = new WeakMap<object, string>();

/** `fields`, shown to templates as a Go value of the type `typeName`: a missing field is an error that names it. */
export function withTypeName<T extends object>(typeName: string, fields: T): T {
  typeNames.set(fields, typeName);
  return fields;
}

/** Plain JavaScript data as template values. Only own enumerable properties are seen. */
export function lift(data: unknown, numbers: Numbers): Value {
  switch (typeof data) {
    case 'undefined':
    case 'boolean':
    case 'string':
      return data;
    case 'bigint':
      return numbers === 'json' ? new JsonNumber(String(data)) : data;
    case 'number':
      if (numbers === 'json') return new JsonNumber(String(data));
      return numbers === 'typed' && Number.isInteger(data) ? BigInt(data) : data;
    case 'function':
      return data as Callable;
    case 'object':
      return liftObject(data, numbers);
    default:
      return String(data);
  }
}

function liftObject(data: object | null, numbers: Numbers): Value {
  if (data === null || data instanceof JsonNumber || data instanceof Struct || data instanceof Map) {
    return data as Value;
  }
  if (Array.isArray(data)) return data.map((element) => lift(element, numbers));
  const name = typeNames.get(data);
  const entries = Object.entries(data as Record<string, unknown>);
  if (name !== undefined || entries.some(([, field]) => typeof field === 'function')) {
    return new Struct(name ?? 'struct', data as Record<string, unknown>, numbers);
  }
  // Go's encoder sorts the keys of raw maps; typed structures keep the order of their fields.
  if (numbers !== 'typed') entries.sort(([a], [b]) => compareBytes(a, b));
  return new Map(entries.map(([key, field]) => [key, lift(field, numbers)]));
}

/** A template value as plain JavaScript data, for functions of the data: integers become numbers. */
export function lower(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof JsonNumber) return Number(value.text);
  if (value instanceof Struct) return value.fields;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Value>)];
    return Object.fromEntries(entries.map(([key, field]) => [key, lower(field)]));
  }
  return Array.isArray(value) ? (value as readonly Value[]).map(lower) : value;
}

/** Go's name of the type. Lists and maps are typed when all that they hold are strings. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return 'interface {}';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'function') return 'func';
  if (value instanceof JsonNumber) return 'json.Number';
  if (value instanceof Struct) return value.typeName;
  if (value instanceof Map)
    return `map[string]${allStrings([...value.values()]) ? 'string' : 'interface {}'}`;
  return allStrings(value as readonly Value[]) ? '[]string' : '[]interface {}';
}

function allStrings(values: readonly Value[]): boolean {
  return values.length > 0 && values.every((value) => typeof value === 'string');
}

/** Whether `if` takes the value for true: not the zero value of its type, not empty. */
export function truth(value: Value): boolean {
  if (value instanceof JsonNumber) return value.text !== '';
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  return value === true || (value !== false && Boolean(value));
}

/** The entries of a map, sorted by key as Go sorts them. */
export function sortedEntries(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => compareBytes(a, b));
}

/** The order of two strings by their UTF-8 bytes, which is the order of their code points. */
export function compareBytes(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
