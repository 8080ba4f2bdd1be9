import { importImage } from '#engine';
import { GantryError, toError } from '#errors';
import { parsePlatform } from '#oci';
import { progressMediaType } from '#wire';
import { type Answer, stream } from './answer.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { referenceOf, text } from './parameters.ts';
import { progressLines, type Report } from './progress-stream.ts';

/** `POST /images/create?fromSrc=`: an image from the tar in the body (`-`), or from one at a URL. */
export function importFrom(exchange: Exchange, { engine }: Daemon): Answer {
  const { query, signal } = exchange;
  const source = query.get('fromSrc') ?? '';
  const repository = text(query, 'repo');
  const message = text(query, 'message');
  const wanted = exchange.speaks('1.32') ? text(query, 'platform') : undefined;
  const options = {
    ...(repository === undefined
      ? {}
      : { reference: referenceOf(repository, text(query, 'tag'), { digest: false }) }),
    ...(message === undefined ? {} : { message }),
    ...(wanted === undefined ? {} : { platform: parsePlatform(wanted, engine.platform) }),
    changes: query.getAll('changes'),
    source,
    signal,
  };
  const work = async (report: Report) => {
    const tar = source === '-' ? exchange.body : await openUrl(source, report, signal);
    report({ status: await importImage(engine, tar, options) });
  };
  return stream(progressMediaType, progressLines(work));
}

/** The bytes at a URL, told as they come; a source without a scheme means http. */
async function openUrl(
  source: string,
  report: Report,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const url = source.includes('://') ? source : `http://${source}`;
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const reason = toError(toError(error).cause ?? error).message;
    throw new GantryError('unavailable', 'source-unreachable', `Get "${url}": ${reason}`, { cause: error });
  }
  if (!response.ok || response.body === null) {
    throw new GantryError(
      'unavailable',
      'source-refused',
      `Got HTTP status code >= 400: ${response.status} ${response.statusText}`,
      { subject: { url } },
    );
  }
  report({ status: `Downloading from ${url}` });
  return counted(response.body, Number(response.headers.get('content-length') ?? 0), report);
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  total: number,
  report: Report,
): AsyncGenerator<Uint8Array> {
  let current = 0;
  for await (const chunk of body) {
    current += chunk.length;
    report({ status: 'Importing', progressDetail: { current, ...(total > 0 ? { total } : {}) } });
    yield chunk;
  }
}
