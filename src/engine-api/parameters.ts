import { type ErrorKind, GantryError, toError } from '#errors';
import {
  isDigest,
  normalisePlatform,
  parseReference,
  type Platform,
  type Reference,
  withDigest,
  withTag,
} from '#oci';
import { invalidFilter, parseFilters, type Filters } from '#wire';

const falseWords = new Set(['', '0', 'no', 'false', 'none']);

/** A parameter that is true unless it is empty or a word for no; `absent` when it is not there at all. */
export function flag(form: URLSearchParams, key: string, absent = false): boolean {
  const value = form.get(key);
  return value === null ? absent : !falseWords.has(value.trim().toLowerCase());
}

/** A parameter's text; undefined when it is absent or empty. */
export function text(form: URLSearchParams, key: string): string | undefined {
  return form.get(key) || undefined;
}

/**
 * An integer, of nine digits at most. `kind` is the error's.
 *
 * @throws `integer-invalid`, in Go's words
 */
export function parseInteger(value: string, kind: ErrorKind = 'invalid-argument'): number {
  if (/^[+-]?\d{1,9}$/.test(value)) return Number(value);
  throw new GantryError(
    kind,
    'integer-invalid',
    `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`,
  );
}

/**
 * A repository's name and its tag. The tag may be a digest, and the name may have one, unless `digest` is false: an
 * image that is made here has none yet (moby api/server/httputils `RepoTagReference`).
 *
 * @throws invalid-argument `reference-invalid`, `reference-digest`
 */
export function referenceOf(
  name: string,
  tagOrDigest: string | undefined,
  { digest = true }: { digest?: boolean } = {},
): Reference {
  const reference = parseReference(name);
  if (!digest) {
    if (reference.digest === undefined) {
      return tagOrDigest === undefined ? reference : withTag(reference, tagOrDigest);
    }
    throw new GantryError('invalid-argument', 'reference-digest', 'cannot import digest reference');
  }
  if (tagOrDigest === undefined) return reference;
  if (!isDigest(tagOrDigest)) return withTag(reference, tagOrDigest);
  const { domain, path } = reference;
  return withDigest({ domain, path }, tagOrDigest);
}

/**
 * The parameter `filters`, with `accepted` keys only.
 *
 * @throws invalid-argument `invalid-filter`
 */
export function filtersOf(form: URLSearchParams, accepted: readonly string[]): Filters {
  const filters = parseFilters(form.get('filters') ?? '');
  for (const key of filters.keys()) {
    if (!accepted.includes(key)) throw invalidFilter(`invalid filter '${key}'`);
  }
  return filters;
}

/** The truth of filter `key`; undefined when it is not there. @throws invalid-argument `invalid-filter` */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
  const values = filters.get(key);
  if (values === undefined || values.length === 0) return undefined;
  const isTrue = values.includes('1') || values.includes('true');
  const isFalse = values.includes('0') || values.includes('false');
  if (isTrue === isFalse) throw invalidFilter(`invalid filter '${key}=[${values.join(' ')}]'`);
  return isTrue;
}

/**
 * The platform in a parameter of JSON, `{"os":"linux","architecture":"amd64"}`; undefined when there is none.
 *
 * @throws invalid-argument `platform-invalid`, in moby's words (api/server/httputils `DecodePlatform`)
 */
export function parseJsonPlatform(value: string | undefined): Platform | undefined {
  if (value === undefined) return undefined;
  const fields = parseFields(value);
  const field = (name: string): string => {
    const given = fields[name] ?? '';
    if (typeof given !== 'string') throw invalidPlatform(`failed to parse platform: ${name} is not text`);
    return given;
  };
  const [os, architecture, variant, osVersion] = ['os', 'architecture', 'variant', 'os.version'].map(field);
  if (!os || !architecture) {
    if (!os && !architecture && (variant || osVersion)) {
      throw invalidPlatform('optional platform fields provided, but OS and Architecture are missing');
    }
    throw invalidPlatform('both OS and Architecture must be provided');
  }
  return normalisePlatform({
    os,
    architecture,
    ...(variant ? { variant } : {}),
    ...(osVersion ? { osVersion } : {}),
  });
}

function parseFields(value: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (error) {
    throw invalidPlatform(`failed to parse platform: ${toError(error).message}`, error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalidPlatform('failed to parse platform: it is not an object');
  }
  return parsed as Record<string, unknown>;
}

function invalidPlatform(message: string, cause?: unknown): GantryError {
  return new GantryError('invalid-argument', 'platform-invalid', message, { cause });
}
