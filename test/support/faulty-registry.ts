import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** One thing that goes wrong with an answer. */
export type Fault =
  /** The connection is cut after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The body comes at so many bytes a second. */
  | { readonly kind: 'slow'; readonly rate: number }
  /** The byte at this place of the body is another one. */
  | { readonly kind: 'corrupt'; readonly at: number }
  /** The body ends early, and the headers say that this is all of it. */
  | { readonly kind: 'truncate'; readonly after: number }
  /** Something else than the registry answers: a captive portal, a proxy's error page. */
  | { readonly kind: 'answer'; readonly status: number; readonly type: string; readonly body: string };

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
}

/** A registry in front of another one, whose answers go wrong as a test wants. */
export interface FaultyRegistry extends AsyncDisposable {
  readonly host: string;
  readonly seen: readonly Seen[];
  /** Decides what goes wrong with the answer to a request; undefined for nothing. */
  fault: (request: Seen) => Fault | undefined;
}

/** Opens one on the loopback in front of the registry at `upstream` (a URL). */
export async function openFaultyRegistry(upstream: string): Promise<FaultyRegistry> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    // A broken answer is what this is for; the client learns of it by its own means.
    serve(request, response).catch(() => response.destroy());
  });
  const registry = {
    host: '',
    seen,
    fault: (): Fault | undefined => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  } satisfies FaultyRegistry as FaultyRegistry & { host: string };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request;
    const asked: Seen = { method, path, range: headers.range };
    seen.push(asked);
    const fault = registry.fault(asked);
    if (fault?.kind === 'answer') {
      response.writeHead(fault.status, { 'content-type': fault.type }).end(fault.body);
      return;
    }
    const { host: _, connection: __, ...passed } = headers;
    const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
    const answer = await fetch(new URL(path, upstream), {
      method,
      headers: passed as Record<string, string>,
      redirect: 'manual',
      ...(hasBody && { body: Readable.toWeb(request), duplex: 'half' as const }),
    });
    const told = Object.fromEntries(answer.headers);
    delete told['transfer-encoding'];
    if (fault?.kind === 'truncate') told['content-length'] = String(fault.after);
    response.writeHead(answer.status, told);
    if (method === 'HEAD' || answer.body === null) response.end();
    else await send(answer.body, response, fault);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return registry;
}

async function send(
  body: ReadableStream<Uint8Array>,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const limit = fault?.kind === 'cut' || fault?.kind === 'truncate' ? fault.after : Infinity;
  let sent = 0;
  for await (const whole of body) {
    for (const chunk of pieces(whole, fault)) {
      const bytes = Uint8Array.from(chunk.subarray(0, limit - sent));
      const place = fault?.kind === 'corrupt' ? fault.at - sent : -1;
      if (place >= 0 && place < bytes.length) bytes[place]! ^= 0xff;
      if (!response.write(bytes)) await once(response, 'drain');
      sent += bytes.length;
      if (sent >= limit) {
        await breakOff(response, fault);
        return;
      }
      if (fault?.kind === 'slow') await sleep((bytes.length / fault.rate) * 1000);
    }
  }
  response.end();
}

async function breakOff(response: ServerResponse, fault: Fault | undefined): Promise<void> {
  if (fault?.kind !== 'cut') {
    response.end();
    return;
  }
  // What was written has to leave before the line breaks.
  await sleep(20);
  response.destroy();
}

/** Slow lines carry small pieces. */
function* pieces(whole: Uint8Array, fault: Fault | undefined): Generator<Uint8Array> {
  const size = fault?.kind === 'slow' ? Math.max(1, Math.floor(fault.rate / 20)) : whole.length;
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}
