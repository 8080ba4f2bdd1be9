import { drawProgress, type ProgressMessage } from '#wire';
import { type CommandIO, describeTerminal, type OutputStream } from './terminal.ts';
import { createTransferTotal, type TransferTotal } from './transfer-total.ts';

/**
 * Shows a stream of progress to its end. On a terminal each layer has a line that changes in place, above one with
 * the total; elsewhere only lines that stay true are printed, and now and then the total, on the standard error
 * output so that what is piped keeps its shape. With `quiet` nothing is shown. `onAux` gets what is no progress.
 *
 * @throws what `messages` throws, with the lines left as they are
 */
export async function showProgress(
  io: CommandIO,
  messages: AsyncIterable<ProgressMessage>,
  {
    quiet = false,
    onAux = () => undefined,
    now = Date.now,
  }: { quiet?: boolean; onAux?: (aux: unknown) => void; now?: () => number } = {},
): Promise<void> {
  const terminal = describeTerminal(io.stdout, io.env);
  const total = createTransferTotal();
  const display = terminal.isTerminal
    ? createScreen(io.stdout, terminal.columns ?? 80, total)
    : createLog(io, total);
  try {
    for await (const message of messages) {
      if (message.aux !== undefined) onAux(message.aux);
      if (quiet || message.aux !== undefined) continue;
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
