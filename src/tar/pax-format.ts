import { type TarTime } from './entry.ts';

/** The records of a pax extended header, sorted by keyword; texts are byte strings. */
export function formatPax(records: ReadonlyMap<string, string | Uint8Array>): Buffer {
  const sorted = [...records].sort(([left], [right]) => (left < right ? -1 : 1));
  return Buffer.concat(sorted.map(([keyword, value]) => formatRecord(keyword, value)));
}

function formatRecord(keyword: string, value: string | Uint8Array): Buffer {
  const body = Buffer.concat([
    Buffer.from(` ${keyword}=`, 'latin1'),
    typeof value === 'string' ? Buffer.from(value, 'latin1') : value,
    Buffer.from('\n'),
  ]);
  // The length counts its own digits.
  let length = body.length + 1;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}

/** Decimal seconds with as much of a fraction as there is. */
export function formatTime({ seconds, nanoseconds }: TarTime): string {
  const before = seconds < 0 && nanoseconds > 0;
  const whole = before ? -(seconds + 1) : Math.abs(seconds);
  const fraction = before ? 1_000_000_000 - nanoseconds : nanoseconds;
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return `${seconds < 0 ? '-' : ''}${whole}${digits === '' ? '' : `.${digits}`}`;
}
