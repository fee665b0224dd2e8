import { clean } from "./output.ts";

/** No column is cut below this. */
const minWidth = 8;

/**
 * Makes cells clean and cuts them so that the rows fit the terminal: the widest columns first, in the middle, where names differ least.
 * Without a terminal nothing is cut: another program reads it.
 */
export function fit(
  written: readonly (readonly string[])[],
  columns: number | undefined,
): readonly (readonly string[])[] {
  const rows = written.map((row) => row.map(clean));
  // Some terminals say that they have no columns.
  if (columns === undefined || columns === 0) return rows;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const total = () => widths.reduce((sum, width) => sum + width + 2, -2);
  while (total() > columns && Math.max(...widths) > minWidth) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return rows.map((row) => row.map((cell, column) => shorten(cell, widths[column] ?? cell.length)));
}

function shorten(cell: string, width: number): string {
  if (cell.length <= width) return cell;
  const head = Math.floor((width - 1) / 2);
  return `${cell.slice(0, head)}…${cell.slice(cell.length - (width - 1 - head))}`;
}
