import type { EngineEvent, EventLog } from '#engine';
import { GantryError } from '#errors';
import { encodeJsonForHtml, type Event, parseFilters } from '#wire';
import { type Answer, stream } from './answer.ts';
import type { Daemon } from './daemon.ts';
import { eventFilter } from './event-filter.ts';
import type { Exchange } from './exchange.ts';
import { text } from './parameters.ts';
import { createQueue } from './queue.ts';
import type { Route } from './router.ts';

/** As many events as moby keeps for a client that does not read; beyond them it has lost the thread. */
const maxWaiting = 1024;

/** The longest that a Node timer waits, 24.8 days in milliseconds. */
const longestTimer = 2 ** 31 - 1;

interface Period {
  /** Milliseconds since 1970. */
  readonly since: number | undefined;
  readonly until: number | undefined;
}

/** `GET /events`: what happened since a time, and what happens until one. Without times, from now on without end. */
async function events(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const form = await exchange.form();
  const period = { since: unixTime(form, 'since'), until: unixTime(form, 'until') };
  if (period.since !== undefined && period.until !== undefined && period.until < period.since) {
    throw invalidTime(
      `\`since\` time (${form.get('since') ?? ''}) cannot be after \`until\` time (${form.get('until') ?? ''})`,
    );
  }
  const filters = parseFilters(form.get('filters') ?? '');
  const wanted = eventFilter(filters);
  // API 1.46 began to tell of images that come to be.
  const known = (event: EngineEvent) =>
    exchange.speaks('1.46') || event.type !== 'image' || event.action !== 'create';
  const lines = eventLines(engine.events, period, {
    matches: (event) => known(event) && wanted(event),
    now: engine.clock(),
    signal: exchange.signal,
  });
  return stream('application/json', lines, { headersFirst: true });
}

async function* eventLines(
  log: EventLog,
  { since, until }: Period,
  { matches, now, signal }: { matches: (event: EngineEvent) => boolean; now: number; signal: AbortSignal },
): AsyncGenerator<string> {
  const queue = createQueue<EngineEvent>();
  if (since !== undefined || until !== undefined) {
    queue.waiting.push(
      ...log.recent().filter(({ time }) => time >= (since ?? -Infinity) && time <= (until ?? Infinity)),
    );
  }
  const stop = log.subscribe(queue.push);
  signal.addEventListener('abort', queue.end);
  const timer =
    until === undefined ? undefined : setTimeout(queue.end, Math.min(Math.max(0, until - now), longestTimer));
  try {
    for (;;) {
      if (queue.waiting.length > maxWaiting) throw tooSlow();
      const event = queue.waiting.shift();
      if (event !== undefined) {
        if (matches(event)) yield `${encodeJsonForHtml(eventBody(event))}\n`;
      } else if (queue.ended()) return;
      else await queue.changed();
    }
  } finally {
    stop();
    clearTimeout(timer);
    signal.removeEventListener('abort', queue.end);
  }
}

/** The event in docker's form; attributes stand in the order of their names. */
function eventBody({ type, action, id, attributes, time }: EngineEvent): Event {
  const isOld = type === 'image' || type === 'container';
  const image = type === 'container' ? attributes['image'] : undefined;
  return {
    ...(isOld ? { status: action, id } : {}),
    ...(image === undefined ? {} : { from: image }),
    Type: type,
    Action: action,
    Actor: {
      ID: id,
      Attributes: Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    scope: 'local',
    time: Math.floor(time / 1000),
    timeNano: Math.round(time * 1e6),
  };
}

/** Seconds since 1970, with up to nine decimals; clients turn other forms into this one. */
function unixTime(form: URLSearchParams, key: string): number | undefined {
  const value = text(form, key);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,12}(?:\.\d{1,9})?$/.test(value)) {
    throw invalidTime(`\`${key}\` must be in seconds since 1970, not "${value}"`);
  }
  return Number(value) * 1000;
}

function invalidTime(message: string): GantryError {
  return new GantryError('invalid-argument', 'events-time', message);
}

function tooSlow(): GantryError {
  return new GantryError(
    'resource-exhausted',
    'events-unread',
    `more than ${maxWaiting} events wait for a client that does not read them`,
  );
}

export const eventRoutes: readonly Route[] = [{ method: 'GET', path: '/events', handle: events }];
