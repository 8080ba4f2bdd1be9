import { GantryError } from '#errors';
import { sprintf } from '#template';

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

function scaled(size: number, base: number, { units, digits }: { units: string[]; digits: number }): string {
  let unit = 0;
  let value = size;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return sprintf(`%.${digits}g`, value) + (units[unit] ?? '');
}

/** Bytes in decimal units with four digits, as disk usage prints: `1.982MB`. go-units' HumanSize. */
export function humanSize(bytes: number): string {
  return scaled(bytes, 1000, { units: decimalUnits, digits: 4 });
}

/**
 * Bytes in decimal units with `digits` digits, as lists of images print with 3: `1.98MB`. go-units'
 * HumanSizeWithPrecision; like it, a value that rounds up to the next unit prints as `1e+03kB`.
 */
export function humanSizeWithPrecision(bytes: number, digits: number): string {
  return scaled(bytes, 1000, { units: decimalUnits, digits });
}

/** Bytes in binary units with four digits, as memory prints: `1.944GiB`. go-units' BytesSize. */
export function bytesSize(bytes: number): string {
  return scaled(bytes, 1024, { units: binaryUnits, digits: 4 });
}

const minute = 60;
const hour = 60 * minute;
const day = 24;

/** A duration in milliseconds in words: `About a minute`, `3 weeks`. go-units' HumanDuration. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < minute) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / minute);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(milliseconds / 1000 / hour + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 2 * day) return `${hours} hours`;
  if (hours < 14 * day) return `${Math.trunc(hours / day)} days`;
  if (hours < 60 * day) return `${Math.trunc(hours / day / 7)} weeks`;
  if (hours < 730 * day) return `${Math.trunc(hours / day / 30)} months`;
  return `${Math.trunc(Math.trunc(seconds / hour) / day / 365)} years`;
}

/** Reads a size in decimal units: `32kb` is 32000. go-units' FromHumanSize. See parseSize for the form. */
export function fromHumanSize(text: string): number {
  return parseSize(text, 1000);
}

/** Reads a size in binary units: `32kb` is 32768. go-units' RAMInBytes. See parseSize for the form. */
export function ramInBytes(text: string): number {
  return parseSize(text, 1024);
}

const numberForm = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/**
 * Digits, perhaps a space, perhaps one of k, m, g, t, p in either case, perhaps followed by `b` or `ib`. Fractions
 * of a byte are cut off.
 *
 * @throws GantryError `size-syntax`, worded as go-units words it.
 */
function parseSize(text: string, base: number): number {
  const last = Math.max(...Array.from('0123456789. ', (char) => text.lastIndexOf(char)));
  if (last < 0) throw sizeError(`invalid size: '${text}'`);
  const number = text.slice(0, text[last] === ' ' ? last : last + 1);
  if (!numberForm.test(number)) {
    throw sizeError(`strconv.ParseFloat: parsing ${JSON.stringify(number)}: invalid syntax`);
  }
  const size = Number(number);
  if (size < 0) throw sizeError(`invalid size: '${text}'`);
  const suffix = text.slice(last + 1);
  const folded = suffix.toLowerCase();
  const power = /^(?:b|([kmgtp])(?:b|ib)?)?$/.exec(folded);
  if (!power) throw sizeError(`invalid suffix: '${suffix.length > 3 ? suffix : folded}'`);
  return Math.trunc(size * base ** (1 + 'kmgtp'.indexOf(power[1] ?? '-')));
}

function sizeError(message: string): GantryError {
  return new GantryError('invalid-argument', 'size-syntax', message);
}
