import { GantryError } from '#errors';
import { isRegistryCode, parseFaults, registryError, type RegistryCode } from '#registry';
import type { Answer } from './transport.ts';

/** The most of a document that is read: tokens, pages of tags, errors. Manifests have their own bound. */
const maxDocument = 4 * 1024 * 1024;

/**
 * The body in one piece.
 *
 * @throws corrupt `registry-answer` when it has more bytes than `limit`; unavailable `registry-unreachable`
 */
export async function readBytes(answer: Answer, limit = maxDocument): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    length += chunk.length;
    if (length > limit) throw unexpected(answer, `a document of more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** The body as text. */
export async function readText(answer: Answer): Promise<string> {
  return new TextDecoder().decode(await readBytes(answer));
}

/** Whether the answer is a page for people: a proxy's, a portal's, or no registry's. */
export function isPage(answer: Answer): boolean {
  return /^(?:text\/html|application\/xhtml)/i.test(answer.header('content-type') ?? '');
}

/** The error for an answer that the specification does not allow. `what` it is, after "answers with". */
export function unexpected(answer: Answer, what: string): GantryError {
  const type = answer.header('content-type')?.slice(0, 100) ?? 'none';
  const { status, url } = answer;
  return new GantryError(
    'corrupt',
    'registry-answer',
    `${url.host} answers with ${what} (status ${status}, content type ${type}); is it a registry?`,
    { subject: { registry: url.host, status, contentType: type } },
  );
}

/** Retry-After in seconds, if it is a number of them or a date (RFC 9110 section 10.2.3). */
function retryAfter(answer: Answer, now: number): number | undefined {
  const value = answer.header('retry-after');
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/**
 * The error of an answer that is none of those hoped for; reads its body. The registry's own code and message, and
 * the status, are in the subject.
 *
 * @param options.missing what 404 means when the registry gives no code
 * @param options.withheldFrom a token service that did not get the credentials, which may be why
 */
export async function failure(
  answer: Answer,
  { missing, now, withheldFrom }: { missing: RegistryCode; now: number; withheldFrom?: string | undefined },
): Promise<GantryError> {
  const { status, url } = answer;
  const page = isPage(answer);
  const fault = page ? undefined : parseFaults(await readText(answer).catch(() => ''))[0];
  if (page) await answer.discard();
  const code = codeOf(status, fault?.code ?? '', missing);
  if (code === undefined || (page && code === missing))
    return unexpected(answer, page ? 'a page' : 'a status of its own');
  const later = retryAfter(answer, now);
  const withheld = code === 'UNAUTHORIZED' || code === 'DENIED' ? withheldFrom : undefined;
  const hint = withheld ? `; the credentials were not sent to ${withheld}, which is not the registry's` : '';
  return registryError(code, fault?.message ?? '', {
    said: fault,
    where: `registry ${url.host}, status ${status}${hint}`,
    subject: { registry: url.host, status, ...(later !== undefined && { retryAfter: later }) },
  });
}

/** What an answer means: its status where that is enough, else the code that it carries, else what was asked. */
function codeOf(status: number, code: string, missing: RegistryCode): RegistryCode | undefined {
  if (status >= 500) return 'UNAVAILABLE';
  if (status === 429) return 'TOOMANYREQUESTS';
  if (isRegistryCode(code)) return code;
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403) return 'DENIED';
  if (status === 404) return missing;
  if (status === 405) return 'UNSUPPORTED';
  if (status === 413) return 'SIZE_INVALID';
  if (status === 416) return 'RANGE_INVALID';
  return undefined;
}
