import { isIP } from 'node:net';
import { GantryError } from '#errors';

/** What Go says where Node has a code. Docker's users know these words, and tools look for them. */
const dialWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ECONNRESET: 'connection reset by peer',
  EPIPE: 'write: broken pipe',
  ETIMEDOUT: 'i/o timeout',
  UND_ERR_CONNECT_TIMEOUT: 'i/o timeout',
};

const otherWords: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_TIMEOUT: 'net/http: timeout awaiting response headers',
  UND_ERR_BODY_TIMEOUT: 'net/http: timeout awaiting the rest of the response body',
  UND_ERR_SOCKET: 'EOF',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'unexpected EOF',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'remote error: tls: certificate required',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'remote error: tls: bad certificate',
  // What a server without TLS answers to a TLS client is no TLS.
  EPROTO: 'http: server gave HTTP response to HTTPS client',
  ERR_SSL_WRONG_VERSION_NUMBER: 'http: server gave HTTP response to HTTPS client',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'http: server gave HTTP response to HTTPS client',
};

/** Node's codes for certificates that are not trusted (node:tls, "X509 certificate error codes"). */
const certificateWords: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
  CERT_REVOKED: 'certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is not valid for this name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by unknown authority',
};

/** What was asked when it failed. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
}

/** The failure of one request as Go's HTTP client words it: `Get "http://h/v2/": reason`. */
export function askedWords({ method, url }: Asked, reason: string): string {
  // The query of a token request or of a signed URL is nobody's business.
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  return `${method.charAt(0)}${method.slice(1).toLowerCase()} "${shown}": ${reason}`;
}

/** Several addresses were tried: the last failure tells, as in Go. */
function deepest(error: Error): NodeJS.ErrnoException {
  const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : undefined;
  return last instanceof Error ? last : error;
}

function dialled(error: NodeJS.ErrnoException & { address?: string; port?: number }, url: URL): string {
  const port = error.port ?? (url.port || (url.protocol === 'https:' ? '443' : '80'));
  const address = error.address ?? url.hostname;
  return `dial tcp ${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}

/**
 * A failure of the line, where it occurred, in Docker's words: unavailable `registry-unreachable` or
 * `registry-certificate`, with the reason alone and Node's code in the subject. What is translated already comes back
 * as it is. The caller's aborts are not brought here: undici calls failures of its own by that name, too.
 */
export function fromLine(error: unknown, asked: Asked): unknown {
  if (!(error instanceof Error) || error instanceof GantryError) return error;
  const cause = deepest(error);
  const code = cause.code ?? '';
  const certificate = certificateWords[code];
  const host = asked.url.host;
  if (certificate !== undefined) {
    const reason = `tls: failed to verify certificate: x509: ${certificate}`;
    return new GantryError('unavailable', 'registry-certificate', askedWords(asked, reason), {
      subject: { registry: host, reason, errno: code },
      cause: error,
    });
  }
  const words = dialWords[code];
  const reason =
    code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? `dial tcp: lookup ${asked.url.hostname}: no such host`
      : words === undefined
        ? (otherWords[code] ?? cause.message)
        : `${dialled(cause, asked.url)}: ${words}`;
  return new GantryError('unavailable', 'registry-unreachable', askedWords(asked, reason), {
    subject: { registry: host, reason, errno: code },
    cause: error,
  });
}

/** Whether nobody was reached at all: asking again at once is no use, asking elsewhere may be. */
export function isNobodyThere(error: unknown): boolean {
  const errno = error instanceof GantryError ? error.subject['errno'] : undefined;
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(String(errno));
}
