import type { NumberNode } from './nodes.ts';

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
};

const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/y;

/**
 * The text of a Go string or character literal with its quotes (Go specification, sections String literals and Rune
 * literals), or undefined when an escape is not one. `\x` and octal escapes are bytes; bytes that are no UTF-8 become
 * U+FFFD.
 */
export function unquote(literal: string): string | undefined {
  const quote = literal.charAt(0);
  const body = literal.slice(1, -1);
  if (quote === '`') return body.replaceAll('\r', '');
  if (!body.includes('\\')) return body;
  const bytes: number[] = [];
  for (let i = 0; i < body.length;) {
    if (body[i] !== '\\') {
      const char = String.fromCodePoint(body.codePointAt(i) ?? 0);
      bytes.push(...new TextEncoder().encode(char));
      i += char.length;
      continue;
    }
    escape.lastIndex = i;
    const match = escape.exec(body);
    const unit = match && unescape(match, quote);
    if (!unit) return undefined;
    bytes.push(...unit);
    i += match[0].length;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes));
}

function unescape(match: RegExpExecArray, quote: string): Iterable<number> | undefined {
  const [, hex, short, long, octal, simple] = match;
  if (hex !== undefined) return [parseInt(hex, 16)];
  if (octal !== undefined) return parseInt(octal, 8) < 256 ? [parseInt(octal, 8)] : undefined;
  const point = short ?? long;
  if (point !== undefined) {
    const code = parseInt(point, 16);
    const valid = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return valid ? new TextEncoder().encode(String.fromCodePoint(code)) : undefined;
  }
  if (simple === quote) return [simple.charCodeAt(0)];
  const code = simpleEscapes[simple ?? ''];
  return code === undefined ? undefined : [code];
}

const decimalInt = /^(?:0|[1-9](?:_?[0-9])*)$/;
const octalInt = /^0[oO]?((?:_?[0-7])+)$/;
const basedInt = /^0(?:[xX](?:_?[0-9a-fA-F])+|[bB](?:_?[01])+)$/;
const decimalFloat =
  /^(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?$/;
const hexFloat = /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;

const maxUint64 = 2n ** 64n - 1n;
const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** A number token as a node, or the message of its error. Complex constants are not supported. */
export function parseNumber(text: string, pos: number): NumberNode | string {
  const int = parseInteger(text);
  if (int !== undefined && int >= minInt64 && int <= maxUint64) {
    return { kind: 'number', pos, text, int, float: Number(int) };
  }
  const float = parseFloating(text);
  if (float === undefined || !Number.isFinite(float)) return `illegal number syntax: ${JSON.stringify(text)}`;
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${JSON.stringify(text)}`;
  const whole = Number.isInteger(float) ? BigInt(float) : undefined;
  const fits = whole !== undefined && whole >= minInt64 && whole <= maxInt64;
  return { kind: 'number', pos, text, int: fits ? whole : undefined, float };
}

function parseInteger(text: string): bigint | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  const digits = unsigned.replaceAll('_', '');
  const sign = text.startsWith('-') ? -1n : 1n;
  if (decimalInt.test(unsigned) || basedInt.test(unsigned)) return sign * BigInt(digits);
  const octal = octalInt.exec(unsigned)?.[1];
  return octal === undefined ? undefined : sign * BigInt(`0o${octal.replaceAll('_', '')}`);
}

function parseFloating(text: string): number | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  const sign = text.startsWith('-') ? -1 : 1;
  if (decimalFloat.test(unsigned)) return sign * Number(unsigned.replaceAll('_', ''));
  const [, whole = '', fraction = '', power = '0'] = hexFloat.exec(unsigned) ?? [];
  if (whole + fraction === '') return undefined;
  return sign * parseInt(whole + fraction, 16) * 2 ** (Number(power) - 4 * fraction.length);
}

/** A character constant as a node (its code point), or the message of its error. */
export function parseCharacter(text: string, pos: number): NumberNode | string {
  const value = unquote(text);
  if (value === undefined || value === '') return 'invalid syntax';
  const code = value.codePointAt(0) ?? 0;
  if (String.fromCodePoint(code) !== value) return `malformed character constant: ${text}`;
  return { kind: 'number', pos, text, int: BigInt(code), float: code };
}
