import { GantryError } from '#errors';
import { type TarEntry } from './entry.ts';
import { type TarLimits } from './limits.ts';
import { createTarReader } from './reader.ts';

/** One entry of an archive with its content. */
export interface TarMember {
  readonly entry: TarEntry;
  /**
   * The content, holes as zero bytes; to be read once, before the next member is asked for. What is left unread is
   * skipped. Reading it later throws `tar-body-passed` (internal).
   */
  readonly body: AsyncIterable<Uint8Array>;
}

type Event =
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  | { readonly kind: 'data'; readonly chunk: Uint8Array }
  | { readonly kind: 'hole'; length: number }
  | { readonly kind: 'end' };

const holeChunk = 64 * 1024;

/**
 * The members of the archive in `source`, one after the other. For archives of a few large files; layers are parsed
 * with `createTarReader`. The source is read as far as the consumer gets and is closed when the consumer stops.
 *
 * Throws what `createTarReader` throws, after the members before the damage, and what `source` throws.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  limits: Partial<TarLimits> = {},
): AsyncGenerator<TarMember, void, undefined> {
  const events = readEvents(source, limits);
  let current: TarEntry | undefined;
  try {
    for (;;) {
      const { value: event, done } = await events.next();
      if (done === true) return;
      if (event.kind !== 'entry') continue;
      current = event.entry;
      const isCurrent = (): boolean => current === event.entry;
      yield { entry: event.entry, body: readBody(events, isCurrent) };
    }
  } finally {
    current = undefined;
    await events.return();
  }
}

async function* readBody(
  events: AsyncGenerator<Event, void, undefined>,
  isCurrent: () => boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    if (!isCurrent()) {
      throw new GantryError(
        'internal',
        'tar-body-passed',
        'the content of an archive member was read after the next member was asked for: read it before',
      );
    }
    const { value: event, done } = await events.next();
    if (done === true || event.kind === 'end') return;
    if (event.kind === 'data') yield event.chunk;
    else if (event.kind === 'hole') yield* zeros(event.length, isCurrent);
  }
}

/** Stops early when the consumer has moved on: the rest of a huge hole costs nothing then. */
function* zeros(length: number, isCurrent: () => boolean): Generator<Uint8Array, void, undefined> {
  for (let left = length; left > 0 && isCurrent(); left -= holeChunk) {
    yield new Uint8Array(Math.min(left, holeChunk));
  }
}

async function* readEvents(
  source: AsyncIterable<Uint8Array>,
  limits: Partial<TarLimits>,
): AsyncGenerator<Event, void, undefined> {
  let events: Event[] = [];
  const reader = createTarReader(
    {
      entry: (entry) => events.push({ kind: 'entry', entry }),
      data: (chunk) => events.push({ kind: 'data', chunk }),
      hole: (length) => events.push({ kind: 'hole', length }),
      entryEnd: () => events.push({ kind: 'end' }),
    },
    limits,
  );
  const parse = function* (action: () => void): Generator<Event, void, undefined> {
    events = [];
    try {
      action();
    } finally {
      // Before an error comes out, what was found before it.
      yield* events;
    }
  };
  for await (const chunk of source) {
    yield* parse(() => {
      reader.write(chunk);
    });
  }
  yield* parse(() => {
    reader.end();
  });
}
