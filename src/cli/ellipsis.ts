import { displayWidth } from './width.ts';

/** `text` in at most `cells` cells of a terminal: what is longer ends with an ellipsis. */
export function ellipsis(text: string, cells: number): string {
  if (displayWidth(text) <= cells) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += displayWidth(character);
    if (width > cells - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
