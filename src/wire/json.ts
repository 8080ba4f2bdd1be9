// Go's encoder writes these two as escapes in every mode, for JavaScript's sake.
const separators = /[\u2028\u2029]/g;
const separatorsAndHtml = /[\u2028\u2029<>&]/g;

const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** `value` as the Engine API writes bodies: one line of JSON and a line feed. */
export function encodeJson(value: unknown): string {
  return `${JSON.stringify(value).replace(separators, escape)}\n`;
}

/**
 * `value` as Go's encoder writes it when it is left as it comes: `<`, `>` and `&` escaped. The Engine API's
 * streams (progress, events) are written so. Without a line feed.
 */
export function encodeJsonForHtml(value: unknown): string {
  return JSON.stringify(value).replace(separatorsAndHtml, escape);
}
