import { GantryError } from '#errors';

/** What a list is narrowed to: values by key, in the order in which they came. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** The `filters` parameter from its values, in the form of API 1.22 and later: `{"key":{"value":true}}`. */
export function encodeFilters(filters: Filters): string {
  const keys = [...filters].map(([key, values]) => [
    key,
    Object.fromEntries(values.map((value) => [value, true])),
  ]);
  return JSON.stringify(Object.fromEntries(keys));
}

/**
 * The `filters` parameter in either of its forms: `{"key":{"value":true}}` or `{"key":["value"]}`. Empty text has
 * no filters.
 *
 * @throws invalid-argument `invalid-filter` when it is neither
 */
export function parseFilters(text: string): Filters {
  const filters = new Map<string, readonly string[]>();
  if (text === '') return filters;
  const parsed = parseObject(text);
  if (parsed === undefined) throw invalidFilter('invalid filter');
  for (const [key, values] of Object.entries(parsed)) {
    if (Array.isArray(values) && values.every((value) => typeof value === 'string')) {
      filters.set(key, values);
    } else if (isObject(values) && Object.values(values).every((set) => typeof set === 'boolean')) {
      filters.set(key, Object.keys(values));
    } else {
      throw invalidFilter('invalid filter');
    }
  }
  return filters;
}

/** The error of a filter that has a wrong key or value, in moby's words: `invalid filter 'dangling=[maybe]'`. */
export function invalidFilter(message: string): GantryError {
  return new GantryError('invalid-argument', 'invalid-filter', message);
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
