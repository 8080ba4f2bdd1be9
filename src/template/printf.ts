import { formatFloat } from './float.ts';
import { formatComposite, formatValue, isPrintable, quote } from './format.ts';
import { JsonNumber, typeName, type Struct, type Value } from './value.ts';

/** One directive, read. */
interface Directive {
  readonly verb: string;
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly precision: number | undefined;
}

// Beyond this fmt itself gives up on a width or precision: it bounds what a short template can print.
const maxSize = 1_000_000;

const pattern =
  /%(?<flags>[#0+\- ]*)(?:\[(?<widthIndex>\d+)\])?(?<width>\*|\d+)?(?<dot>\.(?:\[(?<precisionIndex>\d+)\])?(?<precision>\*|\d+)?)?(?:\[(?<index>\d+)\])?(?<verb>[\s\S]?)/gu;

type Groups = Partial<
  Record<'widthIndex' | 'width' | 'dot' | 'precisionIndex' | 'precision' | 'index', string>
> &
  Record<'flags' | 'verb', string>;

/**
 * Go's fmt.Sprintf for the values of templates: verbs v T t d b o O x X c q U e E f F g G s, flags `#0+- `,
 * width, precision, `*` and argument indexes. Mistakes print as fmt prints them (`%!d(string=a)`, `%!s(MISSING)`,
 * `%!(EXTRA int=1)`). Not supported: hexadecimal and binary floats (%x, %b of a float64), Go syntax (%#v).
 */
export function sprintf(format: string, ...args: readonly Value[]): string {
  const cursor = new Cursor(args);
  let text = '';
  let end = 0;
  for (const match of format.matchAll(pattern)) {
    text += format.slice(end, match.index) + substitute(match.groups as Groups, cursor);
    end = match.index + match[0].length;
  }
  return text + format.slice(end) + cursor.extra();
}

/** The arguments, taken in turn or by index. */
class Cursor {
  private readonly args: readonly Value[];
  private next = 0;
  private reordered = false;

  constructor(args: readonly Value[]) {
    this.args = args;
  }

  /** The next argument, or that of the index (from 1), behind which counting continues. */
  take(index: string | undefined): { readonly value: Value } | undefined {
    if (index !== undefined) {
      this.next = Number(index) - 1;
      this.reordered = true;
    }
    const position = this.next++;
    return position >= 0 && position < this.args.length ? { value: this.args[position] } : undefined;
  }

  /** A width or precision: digits, or `*` for an integer argument. NaN when that argument is none. */
  size(index: string | undefined, text: string | undefined): number | undefined {
    if (text !== '*') return text === undefined ? undefined : Number(text);
    const value = this.take(index)?.value;
    return typeof value === 'bigint' ? Number(value) : NaN;
  }

  /** The complaint about arguments that nothing took. Formats with indexes may leave some. */
  extra(): string {
    const left = this.reordered ? [] : this.args.slice(this.next);
    const words = left.map((value) => (isNil(value) ? '<nil>' : `${typeName(value)}=${formatValue(value)}`));
    return words.length > 0 ? `%!(EXTRA ${words.join(', ')})` : '';
  }
}

function substitute(groups: Groups, cursor: Cursor): string {
  const { flags, verb } = groups;
  const wide = cursor.size(groups.widthIndex, groups.width);
  const precise = cursor.size(groups.precisionIndex, groups.precision);
  if (verb === '') return '%!(NOVERB)';
  if (verb === '%') return '%';
  // An index without a width behind it belongs to the verb.
  const index = groups.index ?? (groups.width === undefined ? groups.widthIndex : undefined);
  const argument = cursor.take(index);
  const width = bounded(wide);
  const precision = bounded(precise);
  const complaint = (width === wide ? '' : '%!(BADWIDTH)') + (precision === precise ? '' : '%!(BADPREC)');
  if (!argument) return `${complaint}%!${verb}(${index === undefined ? 'MISSING' : 'BADINDEX'})`;
  const minus = flags.includes('-') || (width ?? 0) < 0;
  return (
    complaint +
    formatDirective(argument.value, {
      verb,
      minus,
      plus: flags.includes('+'),
      sharp: flags.includes('#'),
      space: flags.includes(' '),
      zero: flags.includes('0') && !minus,
      width: Math.abs(width ?? 0),
      precision: groups.dot === undefined ? undefined : Math.max(precision ?? 0, 0),
    })
  );
}

function bounded(size: number | undefined): number | undefined {
  return size !== undefined && Math.abs(size) <= maxSize ? size : undefined;
}

function isNil(value: Value): value is null | undefined {
  return value === undefined || value === null;
}

function formatDirective(value: Value, directive: Directive): string {
  if (directive.verb === 'T') return pad(isNil(value) ? '<nil>' : typeName(value), directive);
  if (isNil(value)) {
    return directive.verb === 'v' ? pad('<nil>', directive) : `%!${directive.verb}(<nil>)`;
  }
  return (
    formatTyped(value, directive) ??
    `%!${directive.verb}(${typeName(value)}=${formatDefault(value, directive)})`
  );
}

/** The value behind the type in a complaint: fmt keeps the width and flags there. */
function formatDefault(value: Value, directive: Directive): string {
  return formatDirective(value, { ...directive, verb: 'v' });
}

/** Undefined when the verb does not fit the value. */
function formatTyped(value: Exclude<Value, null | undefined>, directive: Directive): string | undefined {
  if (typeof value === 'boolean')
    return 'vt'.includes(directive.verb) ? pad(String(value), directive) : undefined;
  if (typeof value === 'bigint') return formatInt(value, directive);
  if (typeof value === 'number') return formatNumber(value, directive);
  if (typeof value === 'string') return formatString(value, directive);
  if (value instanceof JsonNumber) return formatString(value.text, directive);
  if (typeof value === 'function') return undefined;
  const composite: readonly Value[] | ReadonlyMap<string, Value> | Struct = value;
  return formatComposite(composite, (element) =>
    // Inside a list or map fmt prints nil whatever the verb is.
    isNil(element) ? '<nil>' : formatDirective(element, directive),
  );
}

function formatInt(value: bigint, directive: Directive): string | undefined {
  const { verb, sharp } = directive;
  switch (verb) {
    case 'v':
    case 'd':
      return integer(value, 10, '', directive);
    case 'b':
      return integer(value, 2, sharp ? '0b' : '', directive);
    case 'o':
      return integer(value, 8, sharp ? '0' : '', directive);
    case 'O':
      return integer(value, 8, '0o', directive);
    case 'x':
      return integer(value, 16, sharp ? '0x' : '', directive);
    case 'X':
      return integer(value, 16, sharp ? '0x' : '', directive).toUpperCase();
    case 'c':
      return pad(character(value), directive);
    case 'q':
      return pad(quote(character(value), { ascii: directive.plus, mark: "'" }), directive);
    case 'U': {
      const code = `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
      const char = character(value);
      return pad(sharp && isPrintable(char) ? `${code} '${char}'` : code, directive);
    }
    default:
      return undefined;
  }
}

function character(code: bigint): string {
  const valid = code >= 0n && code <= 0x10ffffn && !(code >= 0xd800n && code <= 0xdfffn);
  return valid ? String.fromCodePoint(Number(code)) : '\ufffd';
}

function integer(value: bigint, base: number, prefix: string, directive: Directive): string {
  const { precision, width, zero, plus, space } = directive;
  const sign = value < 0n ? '-' : plus ? '+' : space ? ' ' : '';
  let digits = (value < 0n ? -value : value).toString(base);
  // A precision of 0 prints nothing for 0, as in C.
  if (precision === 0 && value === 0n) return pad('', { ...directive, zero: false });
  const least = precision ?? (zero ? width - sign.length : 0);
  digits = digits.padStart(least, '0');
  return pad(sign + prefix + digits, { ...directive, zero: false });
}

function formatNumber(value: number, directive: Directive): string | undefined {
  const { verb, precision, plus, space, zero, width } = directive;
  const kind = ({ v: 'g', g: 'g', G: 'g', e: 'e', E: 'e', f: 'f', F: 'f' } as const)[verb];
  if (kind === undefined) return undefined;
  const text = formatFloat(value, kind, precision ?? (kind === 'g' ? -1 : 6));
  const signed = /^[+-]/.test(text) ? text : `+${text}`;
  const sign = signed.startsWith('-') ? '-' : plus ? '+' : space ? ' ' : '';
  let digits = signed.slice(1);
  if (verb === 'E' || verb === 'G') digits = digits.toUpperCase();
  if (!Number.isFinite(value))
    return pad((digits === 'NaN' ? '' : sign || '+') + digits, { ...directive, zero: false });
  return pad(sign + (zero ? digits.padStart(width - sign.length, '0') : digits), {
    ...directive,
    zero: false,
  });
}

function formatString(text: string, directive: Directive): string | undefined {
  const { verb, precision, sharp, plus, space } = directive;
  const chars = precision === undefined ? text : Array.from(text).slice(0, precision).join('');
  switch (verb) {
    case 'v':
    case 's':
      return pad(chars, directive);
    case 'q':
      return pad(
        sharp && !/[`\p{Cc}\ufeff]/u.test(chars.replaceAll('\t', ''))
          ? `\`${chars}\``
          : quote(chars, { ascii: plus }),
        directive,
      );
    case 'x':
    case 'X': {
      const bytes = [...new TextEncoder().encode(text).slice(0, precision)];
      const prefix = sharp ? '0x' : '';
      const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
      const joined = space
        ? hex.map((byte) => prefix + byte).join(' ')
        : (hex.length > 0 ? prefix : '') + hex.join('');
      return pad(verb === 'X' ? joined.toUpperCase() : joined, directive);
    }
    default:
      return undefined;
  }
}

/** To the width, counted in code points. */
function pad(text: string, { width, minus, zero }: Directive): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
}
