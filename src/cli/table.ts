import { displayWidth } from './width.ts';

/**
 * Aligns cells that end with a tab, as Go's text/tabwriter does: a column is a run of consecutive lines that have the
 * cell, at least `minWidth` wide, `padding` wider than its widest cell. What follows the last tab of a line is no cell
 * and is not padded. The widths are those of docker's tables unless told.
 */
export function alignColumns(
  text: string,
  { minWidth = 10, padding = 3 }: { minWidth?: number; padding?: number } = {},
): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const columns = Math.max(...lines.map((cells) => cells.length)) - 1;
  const padded = lines.map((cells) => [...cells]);
  for (let column = 0; column < columns; column++) {
    for (let start = 0; start < lines.length; start++) {
      const end = runEnd(lines, start, column);
      if (end === start) continue;
      const widest = Math.max(...lines.slice(start, end).map((cells) => displayWidth(cells[column] ?? '')));
      const width = Math.max(minWidth, widest + padding);
      for (const cells of padded.slice(start, end)) {
        const cell = cells[column] ?? '';
        cells[column] = cell + ' '.repeat(width - displayWidth(cell));
      }
      start = end;
    }
  }
  return padded.map((cells) => cells.join('')).join('\n');
}

/** Behind the last of the consecutive lines from `start` that have a cell in the column. */
function runEnd(lines: readonly (readonly string[])[], start: number, column: number): number {
  let end = start;
  while (end < lines.length && (lines[end]?.length ?? 0) > column + 1) end++;
  return end;
}
