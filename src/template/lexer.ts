/** What a token is. `char` is a single character that only errors or a comma use. */
export type TokenKind =
  | 'text'
  | 'leftDelim'
  | 'rightDelim'
  | 'leftParen'
  | 'rightParen'
  | 'space'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'char'
  | 'bool'
  | 'charConstant'
  | 'number'
  | 'string'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'dot'
  | 'keyword'
  | 'eof'
  | 'error';

/** A token: `value` is its text, or the message when `kind` is `error`; `pos` counts UTF-16 units, `line` from 1. */
export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  readonly pos: number;
  readonly line: number;
}

const keywords = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
]);

const space = /[ \t\r\n]+/y;
const word = /[\p{L}\p{Nd}_]*/uy;
const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|(?:0[oO][0-7_]*|0[bB][01_]*|[0-9_]*)(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;
const joinedToNumber = /[\p{L}\p{Nd}_]|[+-][0-9]*/uy;
const terminator = /$|[ \t\r\n.,|:()]|\}\}/y;
const rightDelim = /(?:[ \t\r\n]-)?\}\}/y;
const quoted = /"(?:[^"\\\n]|\\[^\n])*"/y;
const character = /'(?:[^'\\\n]|\\[^\n])*'/y;

function matchAt(pattern: RegExp, input: string, pos: number): string | undefined {
  pattern.lastIndex = pos;
  return pattern.exec(input)?.[0];
}

/**
 * The tokens of a template, in order; the last is `eof` or `error`. The language is that of Go's text/template
 * (pkg.go.dev/text/template, sections Text and spaces, Actions), with the delimiters `{{` and `}}`.
 */
export function tokenize(input: string): Token[] {
  return new Lexer(input).run();
}

class Lexer {
  private readonly input: string;
  private readonly tokens: Token[] = [];
  private pos = 0;
  private line = 1;
  private depth = 0;

  constructor(input: string) {
    this.input = input;
  }

  run(): Token[] {
    let trimNext = false;
    while (this.tokens.at(-1)?.kind !== 'error') {
      const open = this.input.indexOf('{{', this.pos);
      const end = open < 0 ? this.input.length : open;
      const trimThis = open >= 0 && /^-[ \t\r\n]/.test(this.input.slice(open + 2, open + 4));
      this.text(end, trimNext, trimThis);
      if (open < 0) {
        this.emit('eof', '');
        break;
      }
      trimNext = this.action(trimThis);
    }
    return this.tokens;
  }

  /** Emits the text up to `end`, without the spaces that the trim markers around it take. */
  private text(end: number, trimStart: boolean, trimEnd: boolean): void {
    const whole = this.input.slice(this.pos, end);
    const lead = trimStart ? (/^[ \t\r\n]*/.exec(whole)?.[0] ?? '') : '';
    this.skip(lead.length);
    const rest = whole.slice(lead.length);
    const kept = trimEnd ? rest.replace(/[ \t\r\n]+$/, '') : rest;
    if (kept !== '') this.emit('text', kept);
    this.skip(rest.length - kept.length);
  }

  /** Reads from the left delimiter to behind the right one. True when the right one trims the text that follows. */
  private action(trimmed: boolean): boolean {
    const opening = trimmed ? 4 : 2;
    if (this.input.startsWith('/*', this.pos + opening)) {
      this.skip(opening);
      return this.comment();
    }
    this.emit('leftDelim', '{{');
    this.skip(opening - 2);
    this.depth = 0;
    for (;;) {
      const close = matchAt(rightDelim, this.input, this.pos);
      if (close !== undefined) {
        if (this.depth > 0) return this.fail('unclosed left paren');
        this.skip(close.length - 2);
        this.emit('rightDelim', '}}');
        return close.length > 2;
      }
      this.inside();
      if (this.tokens.at(-1)?.kind === 'error') return false;
    }
  }

  private comment(): boolean {
    const end = this.input.indexOf('*/', this.pos);
    if (end < 0) return this.fail('unclosed comment');
    this.skip(end + 2 - this.pos);
    const close = matchAt(rightDelim, this.input, this.pos);
    if (close === undefined) return this.fail('comment ends before closing delimiter');
    this.skip(close.length);
    return close.length > 2;
  }

  private inside(): void {
    const next = this.input[this.pos] ?? '';
    const spaces = matchAt(space, this.input, this.pos);
    if (spaces !== undefined) {
      // The space before a trimming delimiter belongs to the delimiter.
      const trims = this.input.startsWith('-}}', this.pos + spaces.length);
      this.emit('space', trims ? spaces.slice(0, -1) : spaces);
    } else if (next === '') this.fail('unclosed action');
    else if (next === '=') this.emit('assign', next);
    else if (next === ':') {
      if (this.input[this.pos + 1] === '=') this.emit('declare', ':=');
      else this.fail('expected :=');
    } else if (next === '|') this.emit('pipe', next);
    else if (next === '"') this.quoted('string', quoted, 'unterminated quoted string');
    else if (next === "'") this.quoted('charConstant', character, 'unterminated character constant');
    else if (next === '`') this.quoted('string', /`[^`]*`/y, 'unterminated raw quoted string');
    else if (next === '$') this.named('variable');
    else if (next === '.' && !/[0-9]/.test(this.input[this.pos + 1] ?? '')) this.named('field');
    else if (/[0-9.+-]/.test(next)) this.number();
    else if (matchAt(word, this.input, this.pos)) this.identifier();
    else if (next === '(') {
      this.depth++;
      this.emit('leftParen', next);
    } else if (next === ')') {
      if (--this.depth < 0) this.fail('unexpected right paren');
      else this.emit('rightParen', next);
    } else if (/[\x20-\x7e]/.test(next)) this.emit('char', next);
    else this.fail(`unrecognized character in action: ${this.describeNext()}`);
  }

  private quoted(kind: TokenKind, pattern: RegExp, message: string): void {
    const text = matchAt(pattern, this.input, this.pos);
    if (text === undefined) this.fail(message);
    else this.emit(kind, text);
  }

  /** `.`, `.field`, `$` or `$variable`. */
  private named(kind: 'field' | 'variable'): void {
    const name = matchAt(word, this.input, this.pos + 1) ?? '';
    const text = (this.input[this.pos] ?? '') + name;
    if (!this.terminated(text.length)) return;
    this.emit(text === '.' ? 'dot' : kind, text);
  }

  private identifier(): void {
    const text = matchAt(word, this.input, this.pos) ?? '';
    if (!this.terminated(text.length)) return;
    if (keywords.has(text)) this.emit('keyword', text);
    else this.emit(text === 'true' || text === 'false' ? 'bool' : 'identifier', text);
  }

  /** Whether what follows the name of `length` may follow a name; if not, an error is emitted. */
  private terminated(length: number): boolean {
    if (matchAt(terminator, this.input, this.pos + length) !== undefined) return true;
    this.skip(length);
    return this.fail(`bad character ${this.describeNext()}`);
  }

  private number(): void {
    let text = matchAt(number, this.input, this.pos) ?? '';
    const joined = matchAt(joinedToNumber, this.input, this.pos + text.length);
    if (joined === undefined) this.emit('number', text);
    else {
      text += joined;
      this.fail(`bad number syntax: ${JSON.stringify(text)}`);
    }
  }

  private describeNext(): string {
    const code = this.input.codePointAt(this.pos) ?? 0;
    const name = code < 0x20 || code === 0x7f ? '' : ` '${String.fromCodePoint(code)}'`;
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}${name}`;
  }

  private emit(kind: TokenKind, value: string): void {
    this.tokens.push({ kind, value, pos: this.pos, line: this.line });
    this.skip(value.length);
  }

  private fail(message: string): false {
    this.tokens.push({ kind: 'error', value: message, pos: this.pos, line: this.line });
    return false;
  }

  private skip(length: number): void {
    for (let i = this.pos; i < this.pos + length; i++) if (this.input[i] === '\n') this.line++;
    this.pos += length;
  }
}
