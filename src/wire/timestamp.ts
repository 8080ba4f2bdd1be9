import { GantryError } from '#errors';

/** Milliseconds by the units of Go's durations. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
};

/**
 * The moment that `text` names, in milliseconds since 1970 with a fraction: seconds since 1970 (`1795259766.5`),
 * a Go duration before `now` (`1h30m`), or a date with as much of a time and zone as wanted (`2026-11-21`,
 * `2026-11-21T11:05:51.5Z`), local where no zone is given (moby api/types/time `GetTimestamp`).
 *
 * @param now milliseconds since 1970
 * @throws invalid-argument `timestamp` when it is none of these
 */
export function parseTimestamp(text: string, now: number): number {
  const seconds = parseUnixTime(text);
  if (seconds !== undefined) return seconds;
  const duration = parseDuration(text);
  if (duration !== undefined) return now - duration;
  const date = parseDate(text);
  if (date !== undefined) return date;
  throw new GantryError(
    'invalid-argument',
    'timestamp',
    `failed to parse value as time or duration: ${JSON.stringify(text)}`,
    {
      subject: { value: text },
    },
  );
}

/** Seconds since 1970 with up to nine decimals, as milliseconds; undefined when `text` is something else. */
function parseUnixTime(text: string): number | undefined {
  return /^-?\d{1,12}(?:\.\d{1,9})?$/.test(text) ? Number(text) * 1000 : undefined;
}

function parseDuration(text: string): number | undefined {
  const [, sign, terms = ''] = /^([-+]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (terms === '') return undefined;
  let sum = 0;
  for (const [, count, unit = ''] of terms.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(count) * (units[unit] ?? 0);
  }
  return sign === '-' ? -sum : sum;
}

function parseDate(text: string): number | undefined {
  const [, day, hour, minute = '00', second = '00', fraction = '', zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const whole = Date.parse(`${day}T${hour ?? '00'}:${minute}:${second}${zone}`);
  return Number.isNaN(whole) ? undefined : whole + Number(`0${fraction}`) * 1000;
}
