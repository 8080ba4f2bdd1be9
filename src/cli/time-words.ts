import { humanDuration } from './units.ts';

/** How long ago a time (seconds since 1970) was: `2 weeks ago`. */
export function timeAgo(seconds: number, now: number = Date.now()): string {
  return `${humanDuration(now - seconds * 1000)} ago`;
}

/** A time (seconds since 1970) as Go prints it in UTC: `2024-01-01 00:00:00 +0000 UTC`. */
export function goTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** An id without its algorithm, short unless `whole`. */
export function shownId(id: string, whole: boolean): string {
  return whole ? id : id.replace(/^[a-z0-9]+:/, '').slice(0, 12);
}
