import { parseCharacter, parseNumber, unquote } from './literal.ts';
import { sourceOf, type CommandNode, type Operand, type PipeNode } from './nodes.ts';
import type { Tokens } from './tokens.ts';

/** Parses pipelines: what stands inside an action behind its keyword. */
export class Expressions {
  /** The variables in scope: declarations append, the owner of a scope cuts the list back. */
  variables = ['$'];
  private readonly tokens: Tokens;
  private readonly functions: ReadonlySet<string>;

  constructor(tokens: Tokens, functions: ReadonlySet<string>) {
    this.tokens = tokens;
    this.functions = functions;
  }

  /** The pipeline up to and including the token `end`; `context` names the action in errors. */
  pipeline(context: string, end: 'rightDelim' | 'rightParen'): PipeNode {
    const { pos } = this.tokens.peekNonSpace();
    const { variables, assigns } = this.declarations(context);
    const commands: CommandNode[] = [];
    while (this.tokens.nextNonSpace().kind !== end) {
      this.tokens.index--;
      commands.push(this.command(context));
    }
    if (commands.length === 0) this.tokens.fail(`missing value for ${context}`);
    commands.slice(1).forEach(({ args: [first] }, i) => {
      if (['bool', 'dot', 'nil', 'number', 'string'].includes(first.kind)) {
        this.tokens.fail(`non executable command in pipeline stage ${i + 2}`);
      }
    });
    return { kind: 'pipe', pos, variables, assigns, commands };
  }

  /** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
  private declarations(context: string): Pick<PipeNode, 'variables' | 'assigns'> {
    const variables: string[] = [];
    for (;;) {
      const start = this.tokens.index;
      const variable = this.tokens.peekNonSpace();
      if (variable.kind !== 'variable') return { variables, assigns: false };
      this.tokens.next();
      const { kind, value } = this.tokens.nextNonSpace();
      const declares = kind === 'declare' || kind === 'assign';
      if (!declares && !(kind === 'char' && value === ',')) {
        this.tokens.index = start;
        return { variables, assigns: false };
      }
      variables.push(variable.value);
      this.variables.push(variable.value);
      if (declares) return { variables, assigns: kind === 'assign' };
      if (context !== 'range' || variables.length > 1)
        this.tokens.fail(`too many declarations in ${context}`);
      if (!['variable', 'rightDelim', 'rightParen'].includes(this.tokens.peekNonSpace().kind)) {
        this.tokens.fail('range can only initialize variables');
      }
    }
  }

  private command(context: string): CommandNode {
    const { pos } = this.tokens.peekNonSpace();
    const first = this.operand() ?? this.tokens.unexpected(this.tokens.next(), context);
    const args: [Operand, ...Operand[]] = [first];
    for (;;) {
      const token = this.tokens.next();
      if (token.kind === 'rightDelim' || token.kind === 'rightParen') this.tokens.index--;
      else if (token.kind === 'space') {
        this.tokens.peekNonSpace();
        const operand = this.operand();
        if (operand !== undefined) args.push(operand);
        continue;
      } else if (token.kind !== 'pipe') this.tokens.unexpected(token, 'operand');
      return { kind: 'command', pos, args };
    }
  }

  /** A term with the fields that follow it. */
  private operand(): Operand | undefined {
    const term = this.term();
    const { kind, pos } = this.tokens.peek();
    if (term === undefined || kind !== 'field') return term;
    const names: string[] = [];
    while (this.tokens.peek().kind === 'field') names.push(this.tokens.next().value.slice(1));
    switch (term.kind) {
      case 'field':
      case 'variable':
        return { ...term, pos, names: [...term.names, ...names] };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.tokens.fail(`unexpected . after term ${JSON.stringify(sourceOf(term))}`);
      default:
        return { kind: 'chain', pos, operand: term, names };
    }
  }

  private term(): Operand | undefined {
    const token = this.tokens.nextNonSpace();
    const { kind, value, pos } = token;
    switch (kind) {
      case 'identifier':
        if (!this.functions.has(value)) this.tokens.fail(`function ${JSON.stringify(value)} not defined`);
        return { kind: 'function', pos, name: value };
      case 'dot':
        return { kind, pos };
      case 'variable':
        if (!this.variables.includes(value)) this.tokens.fail(`undefined variable ${JSON.stringify(value)}`);
        return { kind, pos, name: value, names: [] };
      case 'field':
        return { kind, pos, names: [value.slice(1)] };
      case 'bool':
        return { kind, pos, value: value === 'true' };
      case 'number':
      case 'charConstant': {
        const node = kind === 'number' ? parseNumber(value, pos) : parseCharacter(value, pos);
        return typeof node === 'string' ? this.tokens.fail(node) : node;
      }
      case 'string':
        return { kind, pos, quoted: value, text: unquote(value) ?? this.tokens.fail('invalid syntax') };
      case 'leftParen':
        return this.pipeline('parenthesized pipeline', 'rightParen');
      default:
        if (kind === 'keyword' && value === 'nil') return { kind: 'nil', pos };
        this.tokens.index--;
        return undefined;
    }
  }
}
