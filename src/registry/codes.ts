import { GantryError, type ErrorKind, type ErrorSubject } from '#errors';

/** The error codes of distribution-spec 1.1 ("Error Codes") and of distribution (api/errcode), as ours. */
const codes = {
  BLOB_UNKNOWN: ['not-found', 'blob-unknown'],
  BLOB_UPLOAD_INVALID: ['invalid-argument', 'upload-invalid'],
  BLOB_UPLOAD_UNKNOWN: ['not-found', 'upload-unknown'],
  DENIED: ['forbidden', 'registry-denied'],
  DIGEST_INVALID: ['invalid-argument', 'blob-digest'],
  MANIFEST_BLOB_UNKNOWN: ['not-found', 'manifest-blob-unknown'],
  MANIFEST_INVALID: ['invalid-argument', 'manifest-invalid'],
  MANIFEST_UNKNOWN: ['not-found', 'manifest-unknown'],
  MANIFEST_UNVERIFIED: ['invalid-argument', 'manifest-invalid'],
  NAME_INVALID: ['invalid-argument', 'name-invalid'],
  NAME_UNKNOWN: ['not-found', 'name-unknown'],
  RANGE_INVALID: ['invalid-argument', 'blob-range'],
  SIZE_INVALID: ['invalid-argument', 'blob-size'],
  TAG_INVALID: ['invalid-argument', 'tag-invalid'],
  TOOMANYREQUESTS: ['resource-exhausted', 'registry-rate-limited'],
  UNAUTHORIZED: ['unauthorized', 'registry-unauthorized'],
  UNAVAILABLE: ['unavailable', 'registry-failed'],
  UNSUPPORTED: ['unsupported', 'registry-unsupported'],
} as const satisfies Record<string, readonly [ErrorKind, string]>;

/** A code of the specification, as it stands in `errors[].code`. */
export type RegistryCode = keyof typeof codes;

/** One element of `errors` in an answer. */
export interface RegistryFault {
  /** What the registry wrote, which may be no code that we know. */
  readonly code: string;
  readonly message: string;
}

/** Whether `code` is one that we know. */
export function isRegistryCode(code: string): code is RegistryCode {
  return Object.hasOwn(codes, code);
}

/** `MANIFEST_UNKNOWN` and a message as Docker prints them: `manifest unknown: manifest unknown`. */
export function faultWords({ code, message }: RegistryFault): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return message === '' ? words : `${words}: ${message}`;
}

/**
 * The error of `code`. The code and the message also stand in its subject (`registryCode`, `registryMessage`), for
 * whoever words it anew.
 *
 * @param options.said what the registry wrote, where `code` is only what it means
 * @param options.where ends the sentence: "(registry r, status 404)"
 */
export function registryError(
  code: RegistryCode,
  message: string,
  {
    said,
    where,
    subject = {},
    cause,
  }: { said?: RegistryFault | undefined; where?: string; subject?: ErrorSubject; cause?: unknown } = {},
): GantryError {
  const [kind, ours] = codes[code];
  const fault = { code: said?.code || code, message };
  const words = faultWords(fault);
  return new GantryError(kind, ours, where === undefined ? words : `${words} (${where})`, {
    subject: { ...subject, registryCode: fault.code, registryMessage: fault.message },
    cause,
  });
}

/** The most of a foreign message that is kept. */
const maxMessage = 500;

/**
 * What an error body says (`{"errors":[{code,message}]}`; token services and Docker Hub: `{"details"}`), and nothing
 * when it is something else. Never throws.
 */
export function parseFaults(body: string): RegistryFault[] {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return [];
  }
  if (typeof document !== 'object' || document === null) return [];
  const { errors, details } = document as { errors?: unknown; details?: unknown };
  if (typeof details === 'string') return [{ code: '', message: details.slice(0, maxMessage) }];
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 10).flatMap((fault: unknown) => {
    const { code, message } = (fault ?? {}) as { code?: unknown; message?: unknown };
    if (typeof code !== 'string') return [];
    return [
      {
        code: code.slice(0, maxMessage),
        message: typeof message === 'string' ? message.slice(0, maxMessage) : '',
      },
    ];
  });
}
