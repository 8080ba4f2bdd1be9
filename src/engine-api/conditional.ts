import { digestOf } from '#oci';
import { type Answer, empty } from './answer.ts';
import type { Exchange } from './exchange.ts';

/**
 * `answer` with a tag that is the same for the same bytes, or 304 when the client says that it has them: who asks
 * every second need not read a long list every second (RFC 9110 section 13.1.2).
 */
export function unlessKnown({ headers }: Exchange, answer: Answer & { readonly body: string }): Answer {
  const tag = `"${digestOf(Buffer.from(answer.body))}"`;
  const known = (headers['if-none-match'] ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (known.includes(tag) || known.includes('*')) return empty(304, { ETag: tag });
  return { ...answer, headers: { ...answer.headers, ETag: tag } };
}
