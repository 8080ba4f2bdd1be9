import type { ExecuteOptions } from './evaluate.ts';
import { execute } from './execute.ts';
import { functions } from './functions.ts';
import { parse } from './parser.ts';

/** A parsed template. */
export interface Template {
  /**
   * Executes the template over `data`: JSON-like JavaScript values, and objects whose fields are functions (they are
   * called where the template names them, with the arguments that stand there). Maps print and range in the order
   * of their keys, as in Go.
   *
   * @throws GantryError `template-execution`, worded as Go words it (position, node, reason).
   */
  execute(data: unknown, options?: ExecuteOptions): string;
}

/**
 * Parses Go's text/template (pkg.go.dev/text/template) with the functions of the docker command: `json split join
 * title lower upper pad truncate`. Complex numbers and range over functions are not supported.
 *
 * @throws GantryError `template-syntax`, worded as the docker command prints it.
 */
export function parseTemplate(text: string): Template {
  const bodies = parse(text, new Set(Object.keys(functions)));
  return { execute: (data, options = {}) => execute(bodies, data, { ...options, source: text }) };
}
