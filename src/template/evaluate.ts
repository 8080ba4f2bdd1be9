import { toError } from '#errors';
import { zeroElement } from './builtins.ts';
import {
  dataFunction,
  functions,
  type Functions,
  type ParameterType,
  type TemplateFunction,
} from './functions.ts';
import {
  sourceOf,
  type CommandNode,
  type NumberNode,
  type Operand,
  type PipeNode,
  type Place,
} from './nodes.ts';
import { describeExpected, validate } from './parameters.ts';
import { Reporter } from './report.ts';
import { Struct, truth, typeName, type Callable, type Numbers, type Value } from './value.ts';

/** How the data of one execution appear. */
export interface ExecuteOptions {
  /**
   * What a key that a map lacks gives: `<no value>` (`default`), the zero value of the map's elements (`zero`), or
   * the error `map has no entry for key "X"` (`error`). Default: `default`.
   */
  readonly missingKey?: 'default' | 'zero' | 'error';
  /** How numbers of the data appear. Default: `typed`. */
  readonly numbers?: Numbers;
  /** Functions that replace those of the same name. */
  readonly functions?: Functions;
}

/** The operands that follow a function or method, and the value piped into it, if any. */
interface Arguments {
  readonly args: readonly Operand[];
  readonly piped: readonly [] | readonly [Value];
}

const noArguments: Arguments = { args: [], piped: [] };

/** Evaluates pipelines over data and words the errors. One object serves one run of one template body. */
export class Evaluator extends Reporter {
  /** Scopes are cut off by setting the length back. */
  readonly variables: { readonly name: string; value: Value }[];
  private readonly options: ExecuteOptions;
  /** Whether the data are raw JSON: what they hold is of type interface {}. */
  private readonly raw: boolean;

  constructor(root: Value, { source, name }: { source: string; name: string }, options: ExecuteOptions) {
    super(source, name);
    this.variables = [{ name: '$', value: root }];
    this.options = options;
    this.raw = options.numbers === 'json' || options.numbers === 'float';
  }

  /** The same data and options for another body: it sees only `$`. */
  forBody(name: string, root: Value): Evaluator {
    return new Evaluator(root, { source: this.source, name }, this.options);
  }

  pipeline(dot: Value, pipe: PipeNode): Value {
    this.at(pipe);
    let piped: Arguments['piped'] = [];
    for (const command of pipe.commands) {
      const value = this.command(dot, command, piped);
      // A nil interface is no value at the end of a command; typed structures have nil pointers instead.
      piped = [value === null && this.raw ? undefined : value];
    }
    const [result] = piped;
    for (const name of pipe.variables) {
      if (pipe.assigns) this.variable(name).value = result;
      else this.variables.push({ name, value: result });
    }
    return result;
  }

  /** The innermost variable of the name. */
  variable(name: string): { readonly name: string; value: Value } {
    return (
      this.variables.findLast((variable) => variable.name === name) ??
      this.fail(`undefined variable: ${name}`)
    );
  }

  private command(dot: Value, { args, ...command }: CommandNode, piped: Arguments['piped']): Value {
    const [first, ...rest] = args;
    if (
      first.kind === 'field' ||
      first.kind === 'chain' ||
      (first.kind === 'variable' && first.names.length > 0)
    ) {
      return this.fields(dot, first, { args: rest, piped });
    }
    if (first.kind === 'function')
      return this.function(dot, first.name, { args: rest, piped, node: { ...command, args } });
    if (first.kind !== 'pipe') this.at(first);
    if (rest.length > 0 || piped.length > 0)
      this.fail(`can't give argument to non-function ${this.argument(first)}`);
    if (first.kind === 'nil') this.fail('nil is not a command');
    return this.operand(dot, first);
  }

  private argument(node: Operand): string {
    return node.kind === 'pipe' ? `(${sourceOf(node)})` : sourceOf(node);
  }

  private operand(dot: Value, node: Operand): Value {
    if (node.kind === 'pipe') return this.pipeline(dot, node);
    this.at(node);
    switch (node.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'bool':
        return node.value;
      case 'string':
        return node.text;
      case 'number':
        return this.constant(node);
      case 'function':
        return this.function(dot, node.name, { ...noArguments, node });
      case 'variable':
        return node.names.length === 0 ? this.variable(node.name).value : this.fields(dot, node, noArguments);
      case 'field':
      case 'chain':
        return this.fields(dot, node, noArguments);
    }
  }

  private constant({ text, int, float }: NumberNode): Value {
    if (text.startsWith("'") || (int !== undefined && !/[.eEpP]/.test(text)) || /^[+-]?0[xX]/.test(text)) {
      if (int === undefined) return float;
      return int < 2n ** 63n ? int : this.fail(`${text} overflows int`);
    }
    return float;
  }

  /** The fields of an operand; the last may be a function that takes the arguments. */
  private fields(
    dot: Value,
    node: Extract<Operand, { kind: 'field' | 'variable' | 'chain' }>,
    { args, piped }: Arguments,
  ): Value {
    this.at(node);
    let receiver = dot;
    if (node.kind === 'variable') receiver = this.variable(node.name).value;
    if (node.kind === 'chain') {
      if (node.operand.kind === 'nil') this.fail(`indirection through explicit nil in ${sourceOf(node)}`);
      receiver = this.operand(dot, node.operand);
    }
    node.names.forEach((name, i) => {
      const call = i === node.names.length - 1 ? { args, piped } : noArguments;
      receiver = this.field(receiver, name, { ...call, node, dot, inner: i > 0 });
    });
    return receiver;
  }

  private field(
    receiver: Value,
    name: string,
    call: Arguments & { node: Operand; dot: Value; inner: boolean },
  ): Value {
    const type = this.raw && call.inner ? 'interface {}' : typeName(receiver);
    if (receiver === undefined) {
      if (this.options.missingKey === 'error')
        this.fail(`nil data; no entry for key ${JSON.stringify(name)}`);
      return undefined;
    }
    if (receiver === null) return this.fail(`nil pointer evaluating ${type}.${name}`);
    const hasArguments = call.args.length > 0 || call.piped.length > 0;
    if (receiver instanceof Struct && Object.hasOwn(receiver.fields, name)) {
      const field = receiver.fields[name];
      if (typeof field === 'function') {
        return this.call(call.dot, name, dataFunction(field as Callable, receiver), call);
      }
      if (hasArguments) this.fail(`${name} has arguments but cannot be invoked as function`);
      return receiver.get(name);
    }
    if (!(receiver instanceof Map)) return this.fail(`can't evaluate field ${name} in type ${type}`);
    if (hasArguments) this.fail(`${name} is not a method but has arguments`);
    const map = receiver as ReadonlyMap<string, Value>;
    if (map.has(name)) return map.get(name);
    if (this.options.missingKey === 'error') this.fail(`map has no entry for key ${JSON.stringify(name)}`);
    return this.options.missingKey === 'zero' ? zeroElement(map) : undefined;
  }

  private function(dot: Value, name: string, call: Arguments & { node: Place }): Value {
    this.at({ kind: 'function', pos: call.node.pos, name });
    const known = this.options.functions?.[name] ?? functions[name];
    if (known === undefined) this.fail(`${JSON.stringify(name)} is not a defined function`);
    if (name === 'and' || name === 'or') return this.shortCircuit(dot, name, call);
    return name === 'call' ? this.callValue(dot, known, call) : this.call(dot, name, known, call);
  }

  private call(
    dot: Value,
    name: string,
    called: TemplateFunction,
    { node, ...given }: Arguments & { node: Place },
  ): Value {
    const values = this.arguments(dot, name, called, given);
    return this.guarded(name, node, () => called.call(...values));
  }

  /** What a function gives; what it throws becomes an error at the node that calls it. */
  private guarded(name: string, node: Place, call: () => Value): Value {
    try {
      return call();
    } catch (error) {
      this.at(node);
      return this.fail(`error calling ${name}: ${toError(error).message}`, error);
    }
  }

  /** The arguments of a call, evaluated and checked. */
  private arguments(
    dot: Value,
    name: string,
    { parameters, rest }: TemplateFunction,
    { args, piped }: Arguments,
  ): Value[] {
    this.checkCount(name, { parameters, rest }, { args, piped });
    const type = (i: number): ParameterType => parameters[i] ?? rest ?? 'any';
    const values = args.map((arg, i) => this.typed(dot, arg, type(i)));
    return [...values, ...piped.map((value) => this.validated(value, type(args.length)))];
  }

  private checkCount(
    name: string,
    { parameters, rest }: { parameters: readonly unknown[]; rest: unknown },
    { args, piped }: Arguments,
  ): void {
    const count = args.length + piped.length;
    const want = parameters.length;
    if (rest === undefined && count !== want) {
      this.fail(`wrong number of args for ${name}: want ${want} got ${count}`);
    }
    if (count < want) this.fail(`wrong number of args for ${name}: want at least ${want} got ${args.length}`);
  }

  /** `and` and `or`: the first argument that decides, or the last; the others are not evaluated. */
  private shortCircuit(dot: Value, name: 'and' | 'or', { args, piped }: Arguments): Value {
    this.checkCount(name, { parameters: [name], rest: name }, { args, piped });
    let value: Value;
    for (const arg of args) {
      value = this.operand(dot, arg);
      if (truth(value) === (name === 'or')) return value ?? undefined;
    }
    return (piped.length > 0 ? piped[0] : value) ?? undefined;
  }

  /** `call`: a function among the values, called with the other arguments. */
  private callValue(dot: Value, called: TemplateFunction, given: Arguments & { node: Place }): Value {
    const [callee, ...values] = this.arguments(dot, 'call', called, given);
    if (typeof callee === 'function') {
      return this.guarded('call', given.node, () => dataFunction(callee, this.options).call(...values));
    }
    this.at(given.node);
    if (callee === undefined || callee === null) return this.fail('error calling call: call of nil');
    const [node] = given.args;
    const text = node ? sourceOf(node) : 'argument';
    return this.fail(`error calling call: non-function ${text} of type ${typeName(callee)}`);
  }

  private typed(dot: Value, node: Operand, type: ParameterType): Value {
    this.at(node);
    const problem = describeExpected(node, type);
    if (problem !== undefined) this.fail(problem);
    if (node.kind === 'number') return type === 'int' ? node.int : this.constant(node);
    if (node.kind === 'nil') return type === '[]string' ? [] : null;
    return this.validated(this.operand(dot, node), type);
  }

  private validated(value: Value, type: ParameterType): Value {
    const problem = validate(value, type);
    if (problem !== undefined) this.fail(problem);
    return value === undefined ? null : value;
  }
}
