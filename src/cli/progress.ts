import { drawProgress, type ProgressMessage } from '#wire';
import type { ProgressMode } from './progress-flag.ts';
import { type CommandIO, describeTerminal, type OutputStream } from './terminal.ts';
import { createTransferTotal, type TransferTotal } from './transfer-total.ts';

/**
 * Shows a stream of progress to its end. `auto` gives each layer on a terminal a line that changes in place, above one
 * with the total; elsewhere it is `plain`: only lines that stay true are printed, and now and then the total, on the
 * standard error output so that what is piped keeps its shape. `json` prints each message as a line (docs/cli.md),
 * `quiet` nothing. `onAux` gets what is no progress.
 *
 * @throws what `messages` throws, with the lines left as they are
 */
export async function showProgress(
  io: CommandIO,
  messages: AsyncIterable<ProgressMessage>,
  {
    mode = 'auto',
    onAux = () => undefined,
    now = Date.now,
  }: { mode?: ProgressMode; onAux?: (aux: unknown) => void; now?: () => number } = {},
): Promise<void> {
  const total = createTransferTotal();
  const display = createDisplay(io, mode, total);
  try {
    for await (const message of messages) {
      if (message.aux !== undefined) onAux(message.aux);
      if (message.aux !== undefined && mode !== 'json') continue;
      total.add(message, now());
      display.show(message, now());
    }
  } finally {
    display.end(now());
  }
}

interface Display {
  show(message: ProgressMessage, now: number): void;
  end(now: number): void;
}

function createDisplay(io: CommandIO, mode: ProgressMode, total: TransferTotal): Display {
  if (mode === 'quiet') return { show: () => undefined, end: () => undefined };
  if (mode === 'json') return createLines(io.stdout);
  const { isTerminal, columns = 80 } = describeTerminal(io.stdout, io.env);
  // A dumb terminal cannot move its cursor.
  const inPlace = mode === 'auto' && isTerminal && io.env['TERM'] !== 'dumb';
  return inPlace ? createScreen(io.stdout, columns, total) : createLog(io, total);
}

/** The keys and their order are a promise to programs: none is renamed, new ones come last. */
function createLines(stdout: OutputStream): Display {
  return {
    show({ id, status, stream, progressDetail: { current, total, units } = {}, aux }) {
      stdout.write(`${JSON.stringify({ id, status, stream, current, total, units, aux })}\n`);
    },
    end: () => undefined,
  };
}

/** Between two lines of the total where there is no terminal, in milliseconds. */
const logInterval = 10_000;

function createLog({ stdout, stderr }: CommandIO, total: TransferTotal): Display {
  let last: number | undefined;
  return {
    show(message, now) {
      last ??= now;
      const { stream, id, progressDetail } = message;
      if (stream !== undefined) stdout.write(stream);
      else if (drawProgress(progressDetail ?? {}) === '') stdout.write(`${lineOf(id, message.status)}\n`);
      if (now - last < logInterval) return;
      last = now;
      const line = total.line(now);
      if (line !== undefined) stderr.write(`${line}\n`);
    },
    end: () => undefined,
  };
}

/** Between two paintings of the screen, in milliseconds: faster than eyes, slower than messages. */
const paintInterval = 80;

function createScreen(stdout: OutputStream, columns: number, total: TransferTotal): Display {
  const layers = new Map<string, string>();
  let painted = 0;
  let last = -Infinity;
  const erase = () => (painted === 0 ? '' : `\x1b[${painted}A\x1b[J`);
  const paint = (now: number, withTotal: boolean) => {
    const summary = withTotal ? total.line(now) : undefined;
    const lines = [...layers.values(), ...(summary === undefined ? [] : [summary])].map((line) =>
      line.slice(0, columns - 1),
    );
    stdout.write(erase() + lines.map((line) => `${line}\n`).join(''));
    painted = lines.length;
    last = now;
  };
  return {
    show(message, now) {
      const { stream, id, status, progressDetail } = message;
      if (id !== undefined && progressDetail !== undefined) {
        const bar = drawProgress(progressDetail, columns);
        layers.set(id, `${id}: ${status ?? ''}${bar === '' ? '' : ` ${bar}`}`);
        if (now - last >= paintInterval) paint(now, true);
        return;
      }
      // A line that stays: the layers so far stay above it.
      paint(now, false);
      painted = 0;
      layers.clear();
      stdout.write(stream ?? `${lineOf(id, status)}\n`);
    },
    end(now) {
      paint(now, false);
    },
  };
}

function lineOf(id: string | undefined, status = ''): string {
  return id === undefined ? status : `${id}: ${status}`;
}
