import { redact } from './redact.ts';

/**
 * What the caller can do about an error. Closed: the edges (Engine API, registry, command) map each kind to a
 * status or an exit code with a table that `satisfies Record<ErrorKind, ...>`.
 */
export const errorKinds = [
  /** The request is wrong: change it. */
  'invalid-argument',
  /** What was named does not exist. */
  'not-found',
  /** The state forbids it now: something exists already, or is in use. */
  'conflict',
  /** Credentials are missing or wrong: log in. */
  'unauthorized',
  /** The credentials are known and do not suffice. */
  'forbidden',
  /** A peer is unreachable or failing: try again later. */
  'unavailable',
  /** A limit was reached: disk, memory, rate, size. */
  'resource-exhausted',
  /** Bytes are not what they claim to be: a digest, a size, a format. */
  'corrupt',
  /** Gantry does not do this, or not on this machine. */
  'unsupported',
  /** A fault of Gantry itself. */
  'internal',
] as const;

export type ErrorKind = (typeof errorKinds)[number];

/** Facts about the error: which image, which digest, which file. */
export type ErrorSubject = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const brand = Symbol.for('gantry.error');

/**
 * The only error that Gantry makes.
 *
 * `kind` says what the caller can do; `code` says what happened (open, stable, greppable: `digest-mismatch`);
 * `message` is one sentence: what happened, to what, and what to do next. Secrets are redacted on construction.
 */
export class GantryError extends Error {
  readonly [brand] = true;
  readonly kind: ErrorKind;
  readonly code: string;
  readonly subject: ErrorSubject;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    { subject = {}, cause }: { subject?: ErrorSubject; cause?: unknown } = {},
  ) {
    super(redact(message), cause === undefined ? undefined : { cause });
    this.name = 'GantryError';
    this.kind = kind;
    this.code = code;
    this.subject = Object.fromEntries(
      Object.entries(subject).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
    );
  }
}

function isGantryError(error: unknown): error is GantryError {
  // The brand, not `instanceof`: two copies of this module may be loaded (a worker, the library).
  return error instanceof Error && (error as { [brand]?: unknown })[brand] === true;
}

/**
 * The first GantryError in the chain of causes of `error` that matches, or undefined. An AggregateError's errors
 * are searched in order.
 */
export function findError(
  error: unknown,
  match: { kind?: ErrorKind; code?: string } = {},
): GantryError | undefined {
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  while (queue.length > 0) {
    const current = queue.shift();
    if (!(current instanceof Error) || seen.has(current)) continue;
    seen.add(current);
    if (
      isGantryError(current) &&
      (match.kind === undefined || current.kind === match.kind) &&
      (match.code === undefined || current.code === match.code)
    ) {
      return current;
    }
    queue.push(current.cause);
    if (current instanceof AggregateError) queue.push(...(current.errors as unknown[]));
  }
  return undefined;
}

/** Whether `error` is an abort: the caller asked to stop. It is passed on as it is and never wrapped. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Anything thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
