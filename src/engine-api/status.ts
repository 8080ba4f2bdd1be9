import { type ErrorKind, findError, toError } from '#errors';
import { wordings } from './wording.ts';

/** The status of each kind of error (moby api/server/httpstatus). */
const statuses = {
  'invalid-argument': 400,
  'not-found': 404,
  conflict: 409,
  unauthorized: 401,
  forbidden: 403,
  unavailable: 503,
  'resource-exhausted': 500,
  corrupt: 500,
  unsupported: 501,
  internal: 500,
} satisfies Record<ErrorKind, number>;

/** Errors whose status says more than their kind: a registry's own status is passed on. */
const statusesByCode: Readonly<Record<string, number>> = {
  'registry-rate-limited': 429,
};

/** The status and the sentence with which the API answers whatever was thrown. */
export function describeError(thrown: unknown): { status: number; message: string } {
  const error = findError(thrown);
  // Not one of ours: a fault of Gantry, whose message is all there is to say.
  if (error === undefined) return { status: 500, message: toError(thrown).message };
  return {
    status: statusesByCode[error.code] ?? statuses[error.kind],
    message: wordings[error.code] ?? error.message,
  };
}
