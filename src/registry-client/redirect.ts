import { GantryError } from '#errors';
import type { Network } from './network.ts';
import type { Answer, Request } from './transport.ts';

/** Each host may send on to another one; more are a loop. */
const mostRedirects = 5;

const redirects = [301, 302, 303, 307, 308];

/** Whether credentials for `home` may be sent to `url`: the same host and port, not less protected. */
export function isAtHome(url: URL, home: URL): boolean {
  return url.host === home.host && (url.protocol === 'https:' || home.protocol !== 'https:');
}

/**
 * Sends a request and follows where it is sent on to, by hand: `authorization` goes to the host of `home` and to no
 * other; from https to http only where http is good enough.
 *
 * @throws what the transport throws; corrupt `registry-answer` for a redirect that is not followed
 */
export async function follow(
  network: Network,
  request: Request,
  { home, authorization }: { home: URL; authorization: string | undefined },
): Promise<Answer> {
  let url = request.url;
  let method = request.method;
  let body = request.body;
  for (let hop = 0; ; hop++) {
    const { authorization: _, ...others } = request.headers;
    const headers =
      authorization !== undefined && isAtHome(url, home) ? { ...others, authorization } : others;
    const answer = await network.transport.send({ ...request, url, method, headers, body });
    const location = answer.header('location');
    if (!redirects.includes(answer.status) || location === undefined) return answer;
    await answer.discard();
    const next = await locate(network, url, location);
    if (hop === mostRedirects) throw refused(url, next.origin, `is one redirect more than ${mostRedirects}`);
    const reading = method === 'GET' || method === 'HEAD';
    // RFC 9110 section 15.4: only these two keep the method of what is not a read.
    if (!reading && answer.status === 303) [method, body] = ['GET', undefined];
    else if (!reading && answer.status < 307)
      throw refused(url, next.origin, 'does not say how to send the request');
    url = next;
  }
}

/**
 * Where an answer from `from` points to.
 *
 * @throws corrupt `registry-answer` when that is no HTTP URL, or leads from https to http where http will not do
 */
export async function locate(network: Network, from: URL, location: string): Promise<URL> {
  const next = URL.parse(location, from.href);
  if (next === null || !['http:', 'https:'].includes(next.protocol))
    throw refused(from, location, 'is no URL');
  if (
    from.protocol === 'https:' &&
    next.protocol === 'http:' &&
    !(await network.hosts.isInsecure(next.host))
  ) {
    throw refused(from, next.origin, 'is not encrypted');
  }
  return next;
}

function refused(from: URL, to: string, fault: string): GantryError {
  return new GantryError('corrupt', 'registry-answer', `${from.host} sends on to ${to}, which ${fault}`, {
    subject: { registry: from.host, location: to },
  });
}
