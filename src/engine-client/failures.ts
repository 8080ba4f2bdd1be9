import { errnoOf, type ErrorKind, GantryError, toError } from '#errors';

/** What the statuses of the Engine API let a caller do. Others above 499 are faults of the daemon. */
const kinds: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid-argument',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  429: 'resource-exhausted',
  501: 'unsupported',
  503: 'unavailable',
  507: 'resource-exhausted',
};

/** What was asked, for messages. */
export interface Asked {
  readonly host: string;
  readonly method: string;
  readonly path: string;
}

/** The error in an answer of 400 or above. `body` is JSON with a message, text, or nothing. */
export function answerError(
  { method, path }: Asked,
  { status, reason, body }: { status: number; reason: string; body: string },
): GantryError {
  return new GantryError(
    kinds[status] ?? (status < 500 ? 'invalid-argument' : 'internal'),
    'daemon-error',
    messageIn(body) ??
      `request returned ${status} ${reason} for API route and version ${path}, check if the server supports the requested API version`,
    { subject: { status, method, path } },
  );
}

function messageIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const message: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'message') : undefined;
    if (typeof message === 'string' && message.trim() !== '') return message.trim();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return body.trim() === '' ? undefined : body.trim();
}

/** A failure to reach the daemon or to hear it out, in docker's words. */
export function connectionError({ host, method, path }: Asked, error: unknown): GantryError {
  const subject = { host };
  const errno = errnoOf(error);
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new GantryError(
      'forbidden',
      'daemon-forbidden',
      `permission denied while trying to connect to the Docker daemon socket at ${host}: run as root or as a member of the socket's group`,
      { subject, cause: error },
    );
  }
  if (errno === 'ENOENT' || errno === 'ECONNREFUSED' || errno === 'ETIMEDOUT' || errno === 'EHOSTUNREACH') {
    return new GantryError(
      'unavailable',
      'daemon-unreachable',
      `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`,
      { subject, cause: error },
    );
  }
  return new GantryError(
    'unavailable',
    'daemon-connection',
    `error during connect: ${method} ${host}${path}: ${toError(error).message}`,
    { subject, cause: error },
  );
}
