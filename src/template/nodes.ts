/** The tree of a template. `pos` counts UTF-16 units from the start of the source. */
export type Node =
  | { readonly kind: 'text'; readonly pos: number; readonly text: string }
  | { readonly kind: 'action'; readonly pos: number; readonly pipe: PipeNode }
  | BranchNode
  | TemplateNode
  | { readonly kind: 'break' | 'continue'; readonly pos: number };

/** `if`, `with` and `range`. */
export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly pos: number;
  readonly pipe: PipeNode;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[] | undefined;
}

/** `{{template "name" pipe}}`. */
export interface TemplateNode {
  readonly kind: 'template';
  readonly pos: number;
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

/** Commands joined by `|`, with the variables that take the result. */
export interface PipeNode {
  readonly kind: 'pipe';
  readonly pos: number;
  /** Names with their `$`. */
  readonly variables: readonly string[];
  /** True for `=`, false for `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly CommandNode[];
}

/** An operand, or a function or method followed by its arguments. */
export interface CommandNode {
  readonly kind: 'command';
  readonly pos: number;
  readonly args: readonly [Operand, ...Operand[]];
}

/** A number constant: `int` when it can be an integer, `float` when it is written as one or can be one. */
export interface NumberNode {
  readonly kind: 'number';
  readonly pos: number;
  readonly text: string;
  readonly int: bigint | undefined;
  readonly float: number | undefined;
}

export type Operand =
  | { readonly kind: 'dot' | 'nil'; readonly pos: number }
  | { readonly kind: 'bool'; readonly pos: number; readonly value: boolean }
  | { readonly kind: 'string'; readonly pos: number; readonly quoted: string; readonly text: string }
  | NumberNode
  /** `.A.B`: the names without dots. */
  | { readonly kind: 'field'; readonly pos: number; readonly names: readonly string[] }
  /** `$x.A.B`: the variable with its `$`, then the names. */
  | {
      readonly kind: 'variable';
      readonly pos: number;
      readonly name: string;
      readonly names: readonly string[];
    }
  | { readonly kind: 'function'; readonly pos: number; readonly name: string }
  /** `(pipe).A.B`. */
  | {
      readonly kind: 'chain';
      readonly pos: number;
      readonly operand: Operand;
      readonly names: readonly string[];
    }
  | PipeNode;

/** What an execution error can point at. */
export type Place = Operand | CommandNode | TemplateNode;

/** The node as Go writes it in an error: its source, spaces made uniform. */
export function sourceOf(node: Place): string {
  switch (node.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'string':
      return node.quoted;
    case 'number':
      return node.text;
    case 'field':
      return fields(node.names);
    case 'variable':
      return node.name + fields(node.names);
    case 'function':
      return node.name;
    case 'chain':
      return argument(node.operand) + fields(node.names);
    case 'command':
      return node.args.map(argument).join(' ');
    case 'pipe': {
      const target = node.variables.join(', ') + (node.assigns ? ' = ' : ' := ');
      return (node.variables.length > 0 ? target : '') + node.commands.map(sourceOf).join(' | ');
    }
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${sourceOf(node.pipe)}` : ''}}}`;
  }
}

function fields(names: readonly string[]): string {
  return names.map((name) => `.${name}`).join('');
}

function argument(node: Operand): string {
  return node.kind === 'pipe' ? `(${sourceOf(node)})` : sourceOf(node);
}
