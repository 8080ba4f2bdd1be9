import { isPrintable } from './format.ts';

const htmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\ufffd',
};

/** Go's template.HTMLEscapeString. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'\0]/g, (char) => htmlEntities[char] ?? char);
}

/** Go's template.JSEscapeString. */
export function escapeJs(text: string): string {
  return Array.from(text)
    .map((char) => {
      if (char === '\\' || char === "'" || char === '"') return `\\${char}`;
      if (!'<>&='.includes(char) && isPrintable(char)) return char;
      return `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    })
    .join('');
}

/** Go's url.QueryEscape: all but letters, digits and `-_.~`; a space becomes `+`. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
