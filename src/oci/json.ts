import { GantryError } from '#errors';

/** Manifests and configs nest six deep at most; the rest is for unknown fields. */
const maxDepth = 64;

/** `text` in quotes for a message, cut when it is long: foreign text must not flood a log. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

type Undefinable<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

/** `fields` without those that are undefined: how an object with optional fields is made in one expression. */
export function withoutUndefined<T extends object>(
  fields: T,
): Omit<T, Undefinable<T>> & { [K in Undefinable<T>]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** `value` with the keys of all its objects in order, so that equal content becomes equal bytes. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // fromEntries defines properties: a key called __proto__ stays a key.
  return Object.fromEntries(entries.map(([key, field]) => [key, sorted(field)]));
}

/** `value` as compact JSON in UTF-8. Undefined fields are left out. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** What a document is called in messages, the code of its faults, and the most bytes that it may have. */
export interface DocumentKind {
  readonly name: string;
  readonly code: string;
  readonly maxBytes: number;
}

/** How deep arrays and objects nest in JSON text. Meaningless, but finite, for text that is no JSON. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

/**
 * The root of a foreign JSON document.
 *
 * Errors: the document's code (corrupt) when it is too large or too deep, or is no JSON in UTF-8 (RFC 8259).
 */
export function readJson(bytes: Uint8Array, { name, code, maxBytes }: DocumentKind): JsonCursor {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new GantryError('corrupt', code, `invalid ${name}: ${problem}`, { cause });
  };
  if (bytes.length > maxBytes) refuse(`it has ${bytes.length} bytes, and at most ${maxBytes} are read`);
  // Before parsing, so that what walks the value later may recurse.
  if (depthOf(bytes) > maxDepth) refuse(`it nests deeper than ${maxDepth}`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return new JsonCursor(JSON.parse(text), name, code);
  } catch (error) {
    return refuse('it is not JSON in UTF-8', error);
  }
}

/**
 * A value within a foreign JSON document, which knows where it stands: each method returns what it promises or
 * throws the document's error (corrupt) that names the place. Null counts as absent, as it does for Go's encoders.
 */
export class JsonCursor {
  readonly value: unknown;
  readonly #place: string;
  readonly #code: string;

  constructor(value: unknown, place: string, code: string) {
    this.value = value;
    this.#place = place;
    this.#code = code;
  }

  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  fail(problem: string): never {
    throw new GantryError('corrupt', this.#code, `invalid ${this.#place}: ${problem}`);
  }

  object(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      this.fail('it must be an object');
    }
    return this.value as Record<string, unknown>;
  }

  /** The field `name` of this object, present or not. */
  field(name: string): JsonCursor {
    const object = this.object();
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    return new JsonCursor(value, `${this.#place}.${name}`, this.#code);
  }

  /** The elements of this array; none when it is absent. */
  items(most: number): JsonCursor[] {
    if (!this.present) return [];
    if (!Array.isArray(this.value)) return this.fail('it must be an array');
    if (this.value.length > most)
      this.fail(`it has ${this.value.length} elements, and at most ${most} are read`);
    return this.value.map((item, index) => new JsonCursor(item, `${this.#place}[${index}]`, this.#code));
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.fail('it must be a string');
  }

  integer(): number {
    const value = this.value;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    return this.fail(`it must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }

  /** What `read` makes of this value, or undefined when it is absent. */
  optional<T>(read: (cursor: JsonCursor) => T): T | undefined {
    return this.present ? read(this) : undefined;
  }

  /** An array of strings. */
  strings(most: number): string[] {
    return this.items(most).map((item) => item.string());
  }

  /** An object whose values are all strings. */
  stringMap(): Record<string, string> {
    const entries = Object.entries(this.object());
    if (entries.some(([, value]) => typeof value !== 'string')) this.fail('its values must be strings');
    return Object.fromEntries(entries) as Record<string, string>;
  }
}
