import { encodeJsonForHtml } from './json.ts';
import { humanSize } from './sizes.ts';

/** How far something is. What is 0 or false is absent, as on the wire. */
export interface ProgressDetail {
  readonly current?: number;
  readonly total?: number;
  /** When it began, in seconds since 1970. */
  readonly start?: number;
  readonly hidecounts?: boolean;
  /** What is counted; bytes when absent. */
  readonly units?: string;
}

/**
 * One object of the stream that pull, push, load, import and build answer (moby pkg/jsonmessage). A line of
 * progress has `progressDetail`, even an empty one; a message has none.
 */
export interface ProgressMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly progressDetail?: ProgressDetail;
  /** The bar as text, for clients that draw none. */
  readonly progress?: string;
  /** The layer, or for `Pulling from` the tag. */
  readonly id?: string;
  readonly errorDetail?: { readonly code?: number; readonly message: string };
  readonly error?: string;
  readonly aux?: unknown;
}

/** The messages' media type, exactly as clients compare it. */
export const progressMediaType = 'application/json';

/**
 * `message` as one line of the stream: keys in moby's order, `progress` drawn from `progressDetail`, `\r\n` at
 * the end.
 */
export function encodeProgress(message: ProgressMessage): string {
  const { stream, status, progressDetail, id, errorDetail, error, aux } = message;
  const progress = progressDetail === undefined ? '' : drawProgress(progressDetail);
  const line = {
    stream,
    status,
    progressDetail,
    progress: progress === '' ? undefined : progress,
    id: id === '' ? undefined : id,
    errorDetail,
    error,
    aux,
  };
  return `${encodeJsonForHtml(line)}\r\n`;
}

/** The message that ends a stream when something failed after its first byte. */
export function progressError(message: string): ProgressMessage {
  return { errorDetail: { message }, error: message };
}

/**
 * The bar as docker draws it: `[=====>       ]  41.98kB/1.982MB`. The bar itself is left out on terminals of 110
 * columns or fewer. Empty when nothing is counted.
 */
export function drawProgress(detail: ProgressDetail, columns = 200): string {
  const { current = 0, total = 0, units } = detail;
  if (current <= 0 && total <= 0) return '';
  if (total <= 0) return counted(current, units);
  const filled = Math.min(50, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const bar = columns > 110 ? `[${'='.repeat(filled)}>${' '.repeat(50 - filled)}] ` : '';
  if (detail.hidecounts === true) return bar;
  // A count above its total is shown alone: one of them is wrong.
  if (current > total) return bar + counted(current, units);
  return (
    bar + (units === undefined ? `${counted(current)}/${humanSize(total)}` : `${current}/${total} ${units}`)
  );
}

function counted(count: number, units?: string): string {
  return units === undefined ? humanSize(count).padStart(8) : `${count} ${units}`;
}
