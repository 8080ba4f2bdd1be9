import { encodeFilters, encodeJson, type Event, parseTimestamp } from '#wire';
import { defineCommand } from '../command.ts';
import { objectFormatUsage } from '../format-usage.ts';
import { withGoNames } from '../go-names.ts';
import { isJson, parseObjectFormat } from '../object-format.ts';

export const events = defineCommand({
  name: 'events',
  shortcut: 'events',
  usage: '[OPTIONS]',
  short: 'Get real time events from the server',
  examples: ['events --since 1h', 'events --filter type=image --filter event=pull --format json'],
  flags: {
    filter: { type: 'filter', short: 'f', usage: 'Filter output based on conditions provided' },
    format: { type: 'string', usage: objectFormatUsage },
    since: { type: 'string', usage: 'Show all events created since timestamp' },
    until: { type: 'string', usage: 'Stream events until this timestamp' },
  },
  arity: { min: 0, max: 0 },
  async run({ io, flags, engine, signal }) {
    const show = eventPrinter(flags.format);
    const now = Date.now();
    const query = {
      since: flags.since === '' ? undefined : unixTime(flags.since, now),
      until: flags.until === '' ? undefined : unixTime(flags.until, now),
      filters:
        Object.keys(flags.filter).length > 0
          ? encodeFilters(new Map(Object.entries(flags.filter)))
          : undefined,
    };
    const client = await engine();
    const answer = await client.request({ method: 'GET', path: '/events', query, signal });
    for await (const event of answer.lines()) io.stdout.write(show(event as Event));
    return undefined;
  },
});

/** A time as the API takes it: seconds since 1970, which also may be given as they are. */
function unixTime(text: string, now: number): string {
  return /^\d+(\.\d+)?$/.test(text) ? text : (parseTimestamp(text, now) / 1000).toFixed(9);
}

const noEvent: Event = {
  Type: '',
  Action: '',
  Actor: { ID: '', Attributes: {} },
  scope: '',
  time: 0,
  timeNano: 0,
};

/** What prints an event. A template is tried before there is one, so that a mistake is told at once. */
function eventPrinter(format: string): (event: Event) => string {
  if (format === '') return eventLine;
  if (isJson(format)) return encodeJson;
  const template = parseObjectFormat(format, view(noEvent));
  return (event) => `${template.execute(view(event))}\n`;
}

/** docker/cli command/system/events.go, with times in UTC. */
function eventLine({ Type, Action, Actor, time, timeNano }: Event): string {
  // The decimals of the number as it came: 64 bits do not fit into a double.
  const digits = timeNano > 0 ? String(timeNano) : `${time}000000000`;
  const date = new Date(Number(digits.slice(0, -9)) * 1000).toISOString().slice(0, 19);
  const attributes = Object.entries(Actor.Attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  const details = attributes.length > 0 ? ` (${attributes.join(', ')})` : '';
  return `${date}.${digits.slice(-9)}Z ${Type} ${Action} ${Actor.ID}${details}\n`;
}

function view({ status = '', id = '', from = '', Actor, timeNano, ...event }: Event): object {
  return withGoNames('*events.Message', {
    Status: status,
    ID: id,
    From: from,
    Type: event.Type,
    Action: event.Action,
    Actor: withGoNames('events.Actor', Actor),
    Scope: event.scope,
    Time: event.time,
    TimeNano: BigInt(String(timeNano)),
  });
}
