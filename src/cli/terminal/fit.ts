import { clean, type Io } from "./output.ts";
import { columnsOf, endWithin, startWithin } from "./width.ts";

/** No column is cut below this, where there is room for that, and none below that. */
const minWidth = 8;
const leastWidth = 4;

/** Narrower than this is a terminal beside others. */
export const fewColumns = 60;

type Rows = readonly (readonly string[])[];

/**
 * Makes cells clean and cuts them so that the rows fit the terminal: the widest columns first, in the middle, where names differ least;
 * those that are to stay `uncut` only when nothing else is left. Without a terminal they stay as they are, for table() to make clean:
 * another program reads it.
 */
export function fit(written: Rows, columns: number | undefined, uncut: readonly number[] = []): Rows {
  // Some terminals say that they have no columns.
  if (columns === undefined || columns === 0) return written;
  const rows = written.map((row) => row.map(clean));
  const widths = widthsOf(rows);
  const all = [...widths.keys()];
  const free = all.filter((column) => !uncut.includes(column));
  narrow(widths, free, { columns, least: minWidth });
  // What is left of an ID is of less use than what is left of a name.
  if (columns < fewColumns) narrow(widths, free, { columns, least: leastWidth });
  for (const least of [minWidth, leastWidth]) narrow(widths, all, { columns, least });
  return rows.map((row) => row.map((cell, column) => shorten(cell, widths[column] ?? Infinity)));
}

/** The first of these ways to write rows that fits the terminal; the last one, cut, where none does. */
export function fitFirst(ways: readonly (() => Rows)[], columns: number | undefined, uncut: readonly number[]): Rows {
  for (const way of ways.slice(0, -1)) {
    if (columns === undefined || columns === 0) return way();
    const rows = way().map((row) => row.map(clean));
    if (total(widthsOf(rows)) <= columns) return rows;
  }
  return fit(ways.at(-1)?.() ?? [], columns, uncut);
}

function widthsOf(rows: Rows): number[] {
  const widths = (rows[0] ?? []).map(() => 0);
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell));
  return widths;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + 2, -2);
}

/** Makes the widest of these columns narrower until all fit. */
function narrow(
  widths: number[],
  some: readonly number[],
  { columns, least }: { readonly columns: number; readonly least: number },
): void {
  const widest = () => some.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
  for (let column = widest(); column !== undefined && total(widths) > columns; column = widest()) {
    const width = widths[column] ?? 0;
    if (width <= least) return;
    widths[column] = width - 1;
  }
}

function shorten(cell: string, width: number): string {
  if (columnsOf(cell) <= width) return cell;
  const head = Math.floor((width - 1) / 2);
  return `${cell.slice(0, endWithin(cell, head))}…${cell.slice(startWithin(cell, width - 1 - head))}`;
}

/** Lines of at most `width` columns, broken at spaces where there are some. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (columnsOf(rest) > width) {
    const end = endWithin(rest, width);
    const space = rest.lastIndexOf(" ", end);
    const cut = space > end / 2 ? space : end;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

/** Some terminals say that they have no columns. */
const usualColumns = 80;
const minColumns = 40;

/** How wide lines may be; nothing is broken for a program that reads it. */
export function widthOf({ columns }: Pick<Io, "columns">): number {
  return columns === undefined ? Infinity : Math.max(columns || usualColumns, minColumns);
}
