import { findError, toError, type ErrorKind } from '#errors';
import { isRegistryCode, type RegistryCode } from '#registry';
import { json, type Answer } from './answer.ts';

/** The status of each code, as distribution answers it (api/errcode): clients were made for these. */
const statuses = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  MANIFEST_UNVERIFIED: 400,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  RANGE_INVALID: 416,
  SIZE_INVALID: 400,
  TAG_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNAUTHORIZED: 401,
  UNAVAILABLE: 503,
  UNSUPPORTED: 405,
} satisfies Record<RegistryCode, number>;

/** Errors of the registry's names, which carry no code of the specification. */
const codes: Readonly<Record<string, RegistryCode>> = {
  'name-invalid': 'NAME_INVALID',
  'tag-invalid': 'TAG_INVALID',
  'upload-unknown': 'BLOB_UPLOAD_UNKNOWN',
};

/** Errors of all other kinds: the store's, mostly. */
const kinds = {
  'invalid-argument': 400,
  'not-found': 500,
  conflict: 409,
  unauthorized: 401,
  forbidden: 500,
  unavailable: 503,
  'resource-exhausted': 507,
  corrupt: 500,
  unsupported: 405,
  internal: 500,
} satisfies Record<ErrorKind, number>;

/** The error body of the specification ("Error Codes"). */
export function failure(status: number, code: string, message: string): Answer {
  return json(status, { errors: [{ code, message, detail: {} }] });
}

/** The answer to whatever was thrown. What went wrong inside is not told to clients. */
export function answerError(thrown: unknown): Answer {
  const error = findError(thrown);
  if (error === undefined) return failure(500, 'UNKNOWN', `internal error: ${toError(thrown).name}`);
  const { registryCode, registryMessage } = error.subject;
  if (typeof registryCode === 'string' && isRegistryCode(registryCode)) {
    return failure(statuses[registryCode], registryCode, String(registryMessage));
  }
  const code = codes[error.code];
  if (code !== undefined) return failure(statuses[code], code, error.message);
  const status = kinds[error.kind];
  return failure(status, 'UNKNOWN', status === 500 ? `internal error: ${error.code}` : error.message);
}
