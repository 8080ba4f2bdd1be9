import { displayWidth } from './width.ts';

// Docker's tables: tabwriter.NewWriter(out, 10, 1, 3, ' ', 0).
const minWidth = 10;
const padding = 3;

/**
 * Aligns cells that end with a tab, as Go's text/tabwriter does with docker's parameters: a column is a run of
 * consecutive lines that have the cell, at least 10 wide, 3 wider than its widest cell. What follows the last tab of
 * a line is no cell and is not padded.
 */
export function alignColumns(text: string): string {
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
