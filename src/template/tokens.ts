import { GantryError } from '#errors';
import { tokenize, type Token, type TokenKind } from './lexer.ts';

/** The tokens of one template, read forwards with as much look-ahead as needed; it words the syntax errors. */
export class Tokens {
  /** The index of the next token: set it back to read again. */
  index = 0;
  /** The line where the open action began; 0 outside. */
  actionLine = 0;
  private readonly tokens: readonly Token[];

  constructor(text: string) {
    this.tokens = tokenize(text);
  }

  next(): Token {
    const token = this.peek();
    this.index++;
    return token;
  }

  peek(): Token {
    // The last token is `eof` or `error`: nothing is behind it.
    return this.tokens[Math.min(this.index, this.tokens.length - 1)] as Token;
  }

  nextNonSpace(): Token {
    this.peekNonSpace();
    return this.next();
  }

  peekNonSpace(): Token {
    while (this.peek().kind === 'space') this.index++;
    return this.peek();
  }

  expect(kind: TokenKind, context: string): void {
    const token = this.nextNonSpace();
    if (token.kind !== kind) this.unexpected(token, context);
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') return this.fail(`unexpected ${describe(token)} in ${context}`);
    const started = this.actionLine !== 0 && this.actionLine !== token.line;
    const where = token.value.endsWith(' action') ? ' started at' : ' in action started at';
    return this.fail(`${token.value}${started ? `${where} :${this.actionLine}` : ''}`);
  }

  fail(message: string): never {
    const last = this.tokens[Math.min(Math.max(this.index - 1, 0), this.tokens.length - 1)];
    const text = `template parsing error: template: :${last?.line ?? 1}: ${message}`;
    throw new GantryError('invalid-argument', 'template-syntax', text);
  }
}

function describe({ kind, value }: Token): string {
  if (kind === 'eof') return 'EOF';
  if (kind === 'keyword' || kind === 'dot') return `<${value}>`;
  const chars = Array.from(value);
  return chars.length > 10 ? `${JSON.stringify(chars.slice(0, 10).join(''))}...` : JSON.stringify(value);
}
