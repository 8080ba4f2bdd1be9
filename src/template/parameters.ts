import type { ParameterType } from './functions.ts';
import { sourceOf, type Operand } from './nodes.ts';
import { typeName, type Value } from './value.ts';

/** What is wrong with a constant as an argument of `type`, or undefined. Operands that are evaluated pass. */
export function describeExpected(node: Operand, type: ParameterType): string | undefined {
  if (type === 'any') return undefined;
  const { kind } = node;
  if (kind === 'nil') return type === '[]string' ? undefined : `cannot assign nil to ${type}`;
  if (kind !== 'bool' && kind !== 'number' && kind !== 'string') return undefined;
  switch (type) {
    case 'string':
      return kind === 'string' ? undefined : `expected string; found ${sourceOf(node)}`;
    case 'int':
      return kind === 'number' && node.int !== undefined
        ? undefined
        : `expected integer; found ${sourceOf(node)}`;
    case '[]string':
      return `can't handle ${sourceOf(node)} for arg of type []string`;
  }
}

/** What is wrong with a value as an argument of `type`, or undefined. A list of strings is a []string wherever from. */
export function validate(value: Value, type: ParameterType): string | undefined {
  if (type === 'any') return undefined;
  if (value === undefined && type !== '[]string') return `invalid value; expected ${type}`;
  const fits =
    type === 'string'
      ? typeof value === 'string'
      : type === 'int'
        ? typeof value === 'bigint'
        : Array.isArray(value) && value.every((element) => typeof element === 'string');
  return fits ? undefined : `wrong type for value; expected ${type}; got ${typeName(value)}`;
}
