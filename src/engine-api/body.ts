import type { IncomingMessage } from 'node:http';
import { GantryError, toError } from '#errors';

/** Go's bound for a form in a body (net/http `ParseForm`); nothing that the API takes as JSON comes near it. */
const maxBytes = 10 * 1024 * 1024;

/**
 * The JSON value in the body. Without `anyType` the Content-Type must say that it is JSON.
 *
 * @throws invalid-argument `content-type`, `body-json`, `body-too-large`, in moby's words
 */
export async function readJson(
  request: IncomingMessage,
  { anyType = false }: { anyType?: boolean } = {},
): Promise<unknown> {
  if (!anyType) requireJson(request);
  return parseJson(await readText(request));
}

/** The fields of a form in the body; none when the body is something else. @throws as `readJson` */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const isForm = mediaType(request) === 'application/x-www-form-urlencoded';
  return new URLSearchParams(isForm ? await readText(request) : '');
}

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** moby api/server/httputils `CheckForJSON`: no type is fine where there is no body. */
function requireJson(request: IncomingMessage): void {
  const { 'content-type': header = '', 'content-length': length = '0' } = request.headers;
  const hasBody = length !== '0' || request.headers['transfer-encoding'] !== undefined;
  if (header === '' && !hasBody) return;
  const type = mediaType(request);
  if (type === 'application/json') return;
  if (!/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(type)) {
    const why = header === '' ? 'mime: no media type' : 'mime: expected slash after first token';
    throw invalid('content-type', `malformed Content-Type header (${header}): ${why}`);
  }
  throw invalid('content-type', `unsupported Content-Type header (${type}): must be 'application/json'`);
}

/**
 * The body's bytes. Who stops reading early leaves the connection open, so that the client can still be answered.
 */
export function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyOf(request)) {
    length += chunk.length;
    if (length > maxBytes) throw invalid('body-too-large', 'http: request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** As Go's decoder: one value, then nothing but white space. */
function parseJson(text: string): unknown {
  const begin = text.search(/\S/);
  if (begin < 0) throw invalid('body-json', 'invalid JSON: got EOF while reading request body');
  const end = endOfValue(text, begin);
  if (end === undefined) throw invalid('body-json', 'invalid JSON: unexpected EOF');
  let value: unknown;
  try {
    value = JSON.parse(text.slice(begin, end));
  } catch (error) {
    throw invalid('body-json', `invalid JSON: ${toError(error).message}`, error);
  }
  if (text.slice(end).trim() !== '') throw invalid('body-json', 'unexpected content after JSON');
  return value;
}

/** Where the value that begins at `begin` ends; undefined when the text ends before it. */
function endOfValue(text: string, begin: number): number | undefined {
  // A string, the quote of one without an end, a bracket, or a word; what separates them is passed over.
  const tokens = text.slice(begin).matchAll(/"(?:[^"\\]|\\.)*"|["[{\]}]|[^\s"[{\]},:]+/gs);
  let depth = 0;
  for (const { 0: token, index } of tokens) {
    if (token === '"') return undefined;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth <= 0) return begin + index + token.length;
  }
  return undefined;
}

function invalid(code: string, message: string, cause?: unknown): GantryError {
  return new GantryError('invalid-argument', code, message, { cause });
}
