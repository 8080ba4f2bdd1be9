import { Evaluator, type ExecuteOptions } from './evaluate.ts';
import { formatValue } from './format.ts';
import type { BranchNode, Node, TemplateNode } from './nodes.ts';
import type { Bodies } from './parser.ts';
import { lift, sortedEntries, truth, type Value } from './value.ts';

/** Go allows 100000, for which JavaScript's stack is too small. */
const maxDepth = 500;

type Jump = 'break' | 'continue' | undefined;

/** Runs the bodies of a template, parsed from `source`, over `data`. */
export function execute(
  bodies: Bodies,
  data: unknown,
  { source, ...options }: ExecuteOptions & { source: string },
): string {
  const root = lift(data, options.numbers ?? 'typed');
  const out: string[] = [];
  new Run(bodies, new Evaluator(root, { source, name: '' }, options), { out, depth: 0 }).body('', root);
  return out.join('');
}

/** One run of one body. */
class Run {
  private readonly bodies: Bodies;
  private readonly evaluator: Evaluator;
  private readonly out: string[];
  private readonly depth: number;

  constructor(bodies: Bodies, evaluator: Evaluator, { out, depth }: { out: string[]; depth: number }) {
    this.bodies = bodies;
    this.evaluator = evaluator;
    this.out = out;
    this.depth = depth;
  }

  body(name: string, dot: Value): void {
    this.list(dot, this.bodies.get(name) ?? []);
  }

  private list(dot: Value, nodes: readonly Node[]): Jump {
    for (const node of nodes) {
      const jump = this.node(dot, node);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  private node(dot: Value, node: Node): Jump {
    switch (node.kind) {
      case 'text':
        this.out.push(node.text);
        return undefined;
      case 'action': {
        const value = this.evaluator.pipeline(dot, node.pipe);
        if (node.pipe.variables.length === 0)
          this.out.push(value === undefined ? '<no value>' : formatValue(value));
        return undefined;
      }
      case 'if':
      case 'with':
      case 'range':
        return this.branch(dot, node);
      case 'template':
        this.invoke(dot, node);
        return undefined;
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  /** Variables of the branch end with it. */
  private branch(dot: Value, node: BranchNode): Jump {
    const { variables } = this.evaluator;
    const mark = variables.length;
    try {
      const value = this.evaluator.pipeline(dot, node.pipe);
      if (node.kind === 'range') return this.range(dot, node, value);
      if (truth(value)) return this.list(node.kind === 'with' ? value : dot, node.body);
      return this.list(dot, node.otherwise ?? []);
    } finally {
      variables.length = mark;
    }
  }

  private range(dot: Value, node: BranchNode, value: Value): Jump {
    const { variables } = this.evaluator;
    const mark = variables.length;
    let empty = true;
    for (const [key, element] of this.entries(node, value)) {
      empty = false;
      this.bind(node, key, element);
      const jump = this.list(element, node.body);
      variables.length = mark;
      if (jump === 'break') break;
    }
    return empty ? this.list(dot, node.otherwise ?? []) : undefined;
  }

  private *entries({ pipe }: BranchNode, value: Value): Iterable<readonly [Value, Value]> {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) {
      for (const [i, element] of (value as readonly Value[]).entries()) yield [BigInt(i), element];
    } else if (value instanceof Map) {
      yield* sortedEntries(value as ReadonlyMap<string, Value>);
    } else if (typeof value === 'bigint') {
      if (pipe.variables.length > 1) {
        this.evaluator.fail(`can't use ${value} to iterate over more than one variable`);
      }
      for (let i = 0n; i < value; i++) yield [undefined, i];
    } else this.evaluator.fail(`range can't iterate over ${formatValue(value)}`);
  }

  /** The element goes to the last variable, the key to the first of two. */
  private bind({ pipe }: BranchNode, key: Value, element: Value): void {
    const values = pipe.variables.length > 1 ? [key, element] : [element];
    pipe.variables.forEach((name) => {
      this.evaluator.variable(name).value = values.shift();
    });
  }

  private invoke(dot: Value, node: TemplateNode): void {
    this.evaluator.at(node);
    if (!this.bodies.has(node.name)) this.evaluator.fail(`template ${JSON.stringify(node.name)} not defined`);
    if (this.depth === maxDepth) this.evaluator.fail(`exceeded maximum template depth (${maxDepth})`);
    const root = node.pipe && this.evaluator.pipeline(dot, node.pipe);
    const evaluator = this.evaluator.forBody(node.name, root);
    new Run(this.bodies, evaluator, { out: this.out, depth: this.depth + 1 }).body(node.name, root);
  }
}
