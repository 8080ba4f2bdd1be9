import { formatValue } from './format.ts';
import { compareBytes, JsonNumber, Struct, typeName, type Value } from './value.ts';

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** The bytes of a string, or of a json.Number, which is a string type. Undefined for anything else. */
function bytesOf(value: Value): Uint8Array | undefined {
  const text = value instanceof JsonNumber ? value.text : value;
  return typeof text === 'string' ? new TextEncoder().encode(text) : undefined;
}

/** `len`: bytes of a string, elements of a list or map. */
export function length(value: Value): bigint {
  if (value === undefined || value === null) throw new TypeError('len of nil pointer');
  if (value instanceof Map) return BigInt(value.size);
  const size = bytesOf(value)?.length ?? (Array.isArray(value) ? value.length : undefined);
  if (size === undefined) throw new TypeError(`len of type ${typeName(value)}`);
  return BigInt(size);
}

/** `index`: `index x 1 "k"` is x[1]["k"]. A missing key gives the zero value of the map's elements. */
export function index(...[item, ...keys]: readonly Value[]): Value {
  return keys.reduce(indexOnce, item);
}

function indexOnce(item: Value, key: Value): Value {
  if (item === undefined || item === null) throw new TypeError('index of untyped nil');
  if (item instanceof Map) {
    if (key === undefined || key === null) throw new TypeError('value is nil; should be of type string');
    if (typeof key !== 'string') throw new TypeError(`value has type ${typeName(key)}; should be string`);
    const map = item as ReadonlyMap<string, Value>;
    return map.has(key) ? map.get(key) : zeroElement(map);
  }
  const list: ArrayLike<Value> | undefined = Array.isArray(item) ? (item as readonly Value[]) : bytesOf(item);
  if (list === undefined) throw new TypeError(`can't index item of type ${typeName(item)}`);
  const element = list[position(key, list.length - 1)];
  // A byte of a string is a number in Go.
  return typeof element === 'number' && !Array.isArray(item) ? BigInt(element) : element;
}

/** The zero value that Go knows from the type of the map: labels and the like hold strings. */
export function zeroElement(map: ReadonlyMap<string, Value>): Value {
  return typeName(map) === 'map[string]string' ? '' : undefined;
}

function position(key: Value, last: number): number {
  if (typeof key !== 'bigint') {
    const type = key === undefined || key === null ? 'nil' : `type ${typeName(key)}`;
    throw new TypeError(`cannot index slice/array with ${type}`);
  }
  if (key < 0n || key > BigInt(last)) throw new RangeError(`index out of range: ${key}`);
  return Number(key);
}

/** `slice`: `slice x 1 2` is x[1:2]; strings are cut between bytes. */
export function slice(...[item, ...keys]: readonly Value[]): Value {
  if (item === undefined || item === null) throw new TypeError('slice of untyped nil');
  if (keys.length > 3) throw new TypeError(`too many slice indexes: ${keys.length}`);
  const bytes = bytesOf(item);
  if (bytes !== undefined && keys.length > 2) throw new TypeError('cannot 3-index slice a string');
  const size = bytes?.length ?? (Array.isArray(item) ? item.length : undefined);
  if (size === undefined) throw new TypeError(`can't slice item of type ${typeName(item)}`);
  const bounds = keys.map((key) => position(key, size));
  const [start = 0, end = size, limit = size] = bounds;
  if (start > end) throw new RangeError(`invalid slice index: ${start} > ${end}`);
  if (end > limit) throw new RangeError(`invalid slice index: ${end} > ${limit}`);
  return bytes ? decode(bytes.subarray(start, end)) : (item as readonly Value[]).slice(start, end);
}

function basicKind(value: Value): 'int' | 'float' | 'string' | 'bool' | undefined {
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string' || value instanceof JsonNumber) return 'string';
  return typeof value === 'boolean' ? 'bool' : undefined;
}

function basicText(value: Value): string {
  return value instanceof JsonNumber ? value.text : (value as string);
}

/** `eq`: whether the first argument equals any of the others. */
export function equal(...[first, ...others]: readonly Value[]): boolean {
  if (others.length === 0) throw new TypeError('missing argument for comparison');
  return others.some((other) => equalPair(first ?? null, other ?? null));
}

function equalPair(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) {
    if (a !== null && b !== null) throw new TypeError('incompatible types for comparison');
    return false;
  }
  if (kind === 'string') return basicText(a) === basicText(b);
  if (kind !== undefined || a === null || b === null || a instanceof Struct) return a === b;
  throw new TypeError(`non-comparable type ${formatValue(b)}: ${typeName(b)}`);
}

/** The order of two numbers of one type or of two strings: negative, zero or positive. */
export function compare(a: Value, b: Value): number {
  const kind = basicKind(a);
  if (kind === undefined || basicKind(b) === undefined) throw new TypeError('invalid type for comparison');
  if (kind !== basicKind(b)) throw new TypeError('incompatible types for comparison');
  if (kind === 'bool') throw new TypeError('invalid type for comparison');
  if (kind === 'string') return compareBytes(basicText(a), basicText(b));
  // NaN compares false with all: an order that no test but `ne` accepts does not exist, so it counts as greater.
  return (a as number) < (b as number) ? -1 : (a as number) === (b as number) ? 0 : 1;
}
