import { GantryError, toError } from '#errors';
import { parseTemplate, type Template } from '#template';

/**
 * The template of `--format` where one object is printed; `json` stands for all of it. With a `sample`, a template
 * that does not fit it is refused too.
 *
 * @throws invalid-argument `format-syntax`, which ends a command with an exit code of its own
 */
export function parseObjectFormat(format: string, sample?: object): Template {
  try {
    const template = parseTemplate(isJson(format) ? '{{json .}}' : format);
    if (sample !== undefined) template.execute(sample);
    return template;
  } catch (error) {
    throw new GantryError('invalid-argument', 'format-syntax', toError(error).message, { cause: error });
  }
}

/** Whether the format asks for the whole object as JSON. */
export function isJson(format: string): boolean {
  return format === 'json' || /^\{\{\s*json\s+\.\s*\}\}$/.test(format);
}
