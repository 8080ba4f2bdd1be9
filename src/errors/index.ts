/** Errors of Gantry: one class with two coordinates, found through the chain of causes, never by message. */
export { GantryError, errorKinds, findError, isAbort, toError } from './error.ts';
export type { ErrorKind, ErrorSubject } from './error.ts';
export { errnoOf, fromErrno } from './errno.ts';
export { redact } from './redact.ts';
