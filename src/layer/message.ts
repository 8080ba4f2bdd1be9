import { GantryError, toError, type ErrorKind, type ErrorSubject } from '#errors';
import type { UnpackJob } from './unpack-layer.ts';
import type { UnpackResult } from './unpacker.ts';

/** To a worker thread. It has one job at a time; `id` tells an abort that comes too late from one of the next job. */
export type Request =
  | { readonly type: 'unpack'; readonly id: number; readonly job: UnpackJob }
  | { readonly type: 'abort'; readonly id: number };

/** From a worker thread, on the job that it has. */
export type Reply =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'done'; readonly result: UnpackResult }
  | { readonly type: 'failed'; readonly error: EncodedError };

/** An error as plain data: threads lose classes and causes. */
export interface EncodedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly gantry?: { readonly kind: ErrorKind; readonly code: string; readonly subject: ErrorSubject };
  /** The code of an error of Node's. */
  readonly code?: string;
  readonly cause?: EncodedError;
}

export function encodeError(thrown: unknown): EncodedError {
  const error = toError(thrown);
  const { name, message, stack, cause } = error;
  const code = (error as NodeJS.ErrnoException).code;
  return {
    name,
    message,
    stack,
    ...(error instanceof GantryError
      ? { gantry: { kind: error.kind, code: error.code, subject: error.subject } }
      : code !== undefined && { code }),
    ...(cause !== undefined && { cause: encodeError(cause) }),
  };
}

export function decodeError({ name, message, stack, gantry, code, cause }: EncodedError): Error {
  const because = cause === undefined ? {} : { cause: decodeError(cause) };
  const error =
    gantry === undefined
      ? Object.assign(new Error(message, because), { name }, code !== undefined && { code })
      : new GantryError(gantry.kind, gantry.code, message, { subject: gantry.subject, ...because });
  if (stack !== undefined) error.stack = stack;
  return error;
}
