import { isAbort } from '#errors';
import { encodeProgress, progressError, type ProgressMessage } from '#wire';
import { createQueue, type Queue } from './queue.ts';
import { describeError } from './status.ts';

/** moby sends at most this often for one layer (pkg/progress, `rate.Every`). */
const interval = 100;

/** Takes messages as they come and never waits. */
export type Report = (message: ProgressMessage) => void;

/**
 * What `work` reports, as lines for the client, while it runs. Counts of one layer that the client is too slow
 * for, or that follow within 100 ms, replace each other, so that memory is bounded by layers and states.
 *
 * A failure of `work` before its first line is thrown, unless `failInStream`; after it, it is the last line.
 */
export async function* progressLines(
  work: (report: Report) => Promise<void>,
  { failInStream = false }: { failInStream?: boolean } = {},
): AsyncGenerator<string> {
  const queue = createQueue<ProgressMessage>();
  const outcome = work(thinned(queue)).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  void outcome.then(queue.end);
  let begun = failInStream;
  for (;;) {
    const message = queue.waiting.shift();
    if (message !== undefined) {
      begun = true;
      yield encodeProgress(message);
    } else if (queue.ended()) {
      break;
    } else {
      await queue.changed();
    }
  }
  const failed = await outcome;
  if (failed === undefined) return;
  if (!begun || isAbort(failed.error)) throw failed.error;
  yield encodeProgress(progressError(describeError(failed.error).message));
}

/** Puts messages into `queue`, counts thinned out. */
function thinned({ waiting, push }: Queue<ProgressMessage>): Report {
  const sentAt = new Map<string, number>();
  return (message) => {
    const { id, status, progressDetail: { current, total } = {} } = message;
    if (current === undefined) {
      push(message);
      return;
    }
    const behind = waiting.findIndex((other) => other.id === id && other.status === status);
    if (behind >= 0) {
      waiting[behind] = message;
      return;
    }
    const key = `${id ?? ''} ${status ?? ''}`;
    const now = performance.now();
    if (current !== total && now - (sentAt.get(key) ?? -interval) < interval) return;
    sentAt.set(key, now);
    push(message);
  };
}
