import { findError } from '#errors';
import type { Template } from '#template';
import { errorText } from './error-text.ts';
import { parseObjectFormat } from './object-format.ts';
import type { CommandIO } from './terminal.ts';

/**
 * Prints objects as docker's inspect commands do: all that were found, as one indented array or each through the
 * template; then what went wrong. Answers the exit code.
 *
 * @throws invalid-argument `format-syntax`, `template-execution`
 */
export async function inspectObjects(
  io: CommandIO,
  names: readonly string[],
  { format, find }: { format: string; find: (name: string) => Promise<unknown> },
): Promise<number> {
  const template = format === '' ? undefined : parseObjectFormat(format);
  const found: unknown[] = [];
  const problems: string[] = [];
  for (const name of names) {
    try {
      found.push(await find(name));
    } catch (error) {
      if (findError(error) === undefined) throw error;
      problems.push(errorText(error));
    }
  }
  if (template === undefined) io.stdout.write(`${JSON.stringify(found, undefined, 4)}\n`);
  else {
    io.stdout.write(`${executeAll(io, template, found)}\n`);
  }
  if (problems.length > 0) io.stderr.write(`${problems.join('\n')}\n`);
  return problems.length > 0 ? 1 : 0;
}

function executeAll(io: CommandIO, template: Template, objects: readonly unknown[]): string {
  try {
    return objects.map((object) => template.execute(object, { missingKey: 'error' })).join('\n');
  } catch (error) {
    // docker has ended the line by then.
    io.stdout.write('\n');
    throw error;
  }
}
