import { type LoadEvent, loadImages, saveImages } from '#engine';
import { GantryError } from '#errors';
import { familiarString, type Platform, shortId } from '#oci';
import { type ProgressMessage, progressMediaType } from '#wire';
import { type Answer, stream } from './answer.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { flag, parseJsonPlatform } from './parameters.ts';
import { progressLines, type Report } from './progress-stream.ts';

/** `GET /images/get?names=` and `GET /images/{name}/get`: images as a tar archive. */
export async function save(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const form = await exchange.form();
  const names = exchange.name === '' ? form.getAll('names') : [exchange.name];
  return stream('application/x-tar', await saveImages(engine, names, onePlatform(exchange, form)));
}

/** `POST /images/load`: errors come in the stream, whatever they are. */
export function load(exchange: Exchange, { engine }: Daemon): Answer {
  const { query } = exchange;
  const quiet = flag(query, 'quiet', true);
  const platform = onePlatform(exchange, query);
  const work = (report: Report) =>
    loadImages(engine, exchange.body, {
      ...platform,
      signal: exchange.signal,
      report: (event) => {
        if (event.type !== 'layer' || !quiet) report(loadMessage(event));
      },
    });
  return stream(progressMediaType, progressLines(work, { failInStream: true }), { headersFirst: true });
}

/** @throws invalid-argument `platforms-many`, `platform-invalid` */
function onePlatform(exchange: Exchange, form: URLSearchParams): { platform?: Platform } {
  if (!exchange.speaks('1.48')) return {};
  const values = form.getAll('platform').filter((value) => value !== '');
  if (values.length > 1) {
    throw new GantryError('invalid-argument', 'platforms-many', 'multiple platform parameters not supported');
  }
  const platform = parseJsonPlatform(values[0]);
  return platform === undefined ? {} : { platform };
}

function loadMessage(event: LoadEvent): ProgressMessage {
  switch (event.type) {
    case 'layer':
      return {
        status: 'Loading layer',
        progressDetail: { current: event.current, total: event.total },
        id: shortId(event.diffId),
      };
    case 'loaded':
      return {
        stream:
          event.tag === undefined
            ? `Loaded image ID: ${event.id}\n`
            : `Loaded image: ${familiarString(event.tag)}\n`,
      };
    case 'moved':
      return {
        stream: `The image ${familiarString(event.tag)} already exists, renaming the old one with ID ${event.from} to empty string\n`,
      };
  }
}
