import { fsck, type FsckEvent, type FsckFinding } from '#engine';
import { type FsckSums, type ProgressMessage, progressMediaType } from '#wire';
import { type Answer, stream } from './answer.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { flag } from './parameters.ts';
import { progressLines, type Report } from './progress-stream.ts';
import type { Route } from './router.ts';

/**
 * `POST /gantry/fsck`: compares the store with itself, with `deep` its bytes too, and with `repair` sets right what
 * it can. Findings are lines of the stream; the last one has the sums (`aux`).
 */
function check(exchange: Exchange, { engine }: Daemon): Answer {
  const work = async (report: Report) => {
    const { images, blobs, findings } = await fsck(engine, {
      deep: flag(exchange.query, 'deep'),
      repair: flag(exchange.query, 'repair'),
      signal: exchange.signal,
      report: (event) => {
        report(message(event));
      },
    });
    const repaired = findings.filter(({ state }) => state === 'repaired').length;
    const sums: FsckSums = { Images: images, Blobs: blobs, Found: findings.length, Repaired: repaired };
    report({ aux: sums });
  };
  return stream(progressMediaType, progressLines(work));
}

function message(event: FsckEvent): ProgressMessage {
  return event.type === 'checking'
    ? { status: `Checking ${event.what}` }
    : { status: sentence(event.finding) };
}

function sentence({ code, digest, detail, images, state, reason }: FsckFinding): string {
  const where = images.length === 0 ? '' : ` of ${images.join(', ')}`;
  const outcome = state === 'found' ? '' : `: ${state}${reason === undefined ? '' : `: ${reason}`}`;
  return `${code}: ${digest}${where}: ${detail}${outcome}`;
}

export const fsckRoutes: readonly Route[] = [{ method: 'POST', path: '/gantry/fsck', handle: check }];
