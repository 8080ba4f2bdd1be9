import { Expressions } from './expression.ts';
import type { Token } from './lexer.ts';
import { unquote } from './literal.ts';
import type { Node, TemplateNode } from './nodes.ts';
import { Tokens } from './tokens.ts';

/** The bodies of a template set by name; the template itself has the empty name. */
export type Bodies = ReadonlyMap<string, readonly Node[]>;

interface List {
  readonly nodes: readonly Node[];
  /** What ended the list. */
  readonly end: 'end' | 'else' | 'eof';
}

/**
 * Parses a template whose functions are `functions`.
 *
 * @throws GantryError `template-syntax`, worded as Go's text/template words it behind docker's
 * `template parsing error: `.
 */
export function parse(text: string, functions: ReadonlySet<string>): Bodies {
  return new Parser(new Tokens(text), functions).run();
}

class Parser {
  private readonly tokens: Tokens;
  private readonly expressions: Expressions;
  private readonly bodies = new Map<string, readonly Node[]>();
  private rangeDepth = 0;

  constructor(tokens: Tokens, functions: ReadonlySet<string>) {
    this.tokens = tokens;
    this.expressions = new Expressions(tokens, functions);
  }

  run(): Bodies {
    const { nodes, end } = this.list(true);
    if (end !== 'eof') this.tokens.fail(`unexpected {{${end}}}`);
    this.define('', nodes);
    return this.bodies;
  }

  private list(top = false): List {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.tokens.next();
      if (token.kind === 'eof') {
        if (top) return { nodes, end: 'eof' };
        this.tokens.fail('unexpected EOF');
      }
      if (token.kind === 'text') nodes.push({ kind: 'text', pos: token.pos, text: token.value });
      else if (token.kind !== 'leftDelim') this.tokens.unexpected(token, 'input');
      else {
        this.tokens.actionLine = token.line;
        const node = this.action(top);
        this.tokens.actionLine = 0;
        if (node === 'end' || node === 'else') return { nodes, end: node };
        if (node !== undefined) nodes.push(node);
      }
    }
  }

  private action(top: boolean): Node | 'end' | 'else' | undefined {
    const token = this.tokens.nextNonSpace();
    switch (token.kind === 'keyword' ? token.value : '') {
      case 'define':
        if (!top) break;
        this.definition();
        return undefined;
      case 'block':
        return this.block(token);
      case 'break':
      case 'continue':
        return this.jump(token, token.value as 'break' | 'continue');
      case 'else':
        return this.otherwise();
      case 'end':
        this.tokens.expect('rightDelim', 'end');
        return 'end';
      case 'if':
      case 'range':
      case 'with':
        return this.branch(token, token.value as 'if' | 'range' | 'with');
      case 'template':
        return this.invocation();
    }
    this.tokens.index--;
    return {
      kind: 'action',
      pos: this.tokens.peek().pos,
      pipe: this.expressions.pipeline('command', 'rightDelim'),
    };
  }

  private jump(token: Token, kind: 'break' | 'continue'): Node {
    this.tokens.expect('rightDelim', `{{${kind}}}`);
    if (this.rangeDepth === 0) this.tokens.fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos: token.pos };
  }

  private otherwise(): 'else' {
    const next = this.tokens.peekNonSpace();
    // `else if` and `else with` are read by the branch that they continue.
    if (!(next.kind === 'keyword' && (next.value === 'if' || next.value === 'with'))) {
      this.tokens.expect('rightDelim', 'else');
    }
    return 'else';
  }

  private branch(token: Token, kind: 'if' | 'range' | 'with'): Node {
    const mark = this.expressions.variables.length;
    const pipe = this.expressions.pipeline(kind, 'rightDelim');
    if (kind === 'range') this.rangeDepth++;
    const { nodes: body, end } = this.list();
    if (kind === 'range') this.rangeDepth--;
    let otherwise: readonly Node[] | undefined;
    if (end === 'else') {
      const next = this.tokens.peek();
      if (next.kind === 'keyword' && next.value === kind && kind !== 'range') {
        otherwise = [this.branch(this.tokens.next(), kind)];
      } else {
        const rest = this.list();
        if (rest.end !== 'end') this.tokens.fail(`expected end; found {{${rest.end}}}`);
        otherwise = rest.nodes;
      }
    }
    this.expressions.variables.length = mark;
    return { kind, pos: token.pos, pipe, body, otherwise };
  }

  private invocation(): TemplateNode {
    const { pos } = this.tokens.peekNonSpace();
    const name = this.name('template clause');
    const empty = this.tokens.peekNonSpace().kind === 'rightDelim';
    const pipe = empty ? undefined : this.expressions.pipeline('template clause', 'rightDelim');
    if (empty) this.tokens.nextNonSpace();
    return { kind: 'template', pos, name, pipe };
  }

  private definition(): void {
    const name = this.name('define clause');
    this.tokens.expect('rightDelim', 'define clause');
    this.body(name, 'define clause');
  }

  private block(token: Token): TemplateNode {
    const name = this.name('block clause');
    const pipe = this.expressions.pipeline('block clause', 'rightDelim');
    this.body(name, 'block clause');
    return { kind: 'template', pos: token.pos, name, pipe };
  }

  /** The body of a definition, which sees neither the variables nor the loops around it. */
  private body(name: string, context: string): void {
    const { rangeDepth, expressions } = this;
    const { variables } = expressions;
    this.rangeDepth = 0;
    expressions.variables = ['$'];
    const { nodes, end } = this.list();
    if (end !== 'end') this.tokens.fail(`unexpected {{${end}}} in ${context}`);
    this.rangeDepth = rangeDepth;
    expressions.variables = variables;
    this.define(name, nodes);
  }

  private define(name: string, nodes: readonly Node[]): void {
    const known = this.bodies.get(name);
    if (known === undefined || isBlank(known)) this.bodies.set(name, nodes);
    else if (!isBlank(nodes)) {
      this.tokens.fail(`template: multiple definition of template ${JSON.stringify(name)}`);
    }
  }

  private name(context: string): string {
    const token = this.tokens.nextNonSpace();
    if (token.kind !== 'string') this.tokens.unexpected(token, context);
    return unquote(token.value) ?? this.tokens.fail('invalid syntax');
  }
}

function isBlank(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}
