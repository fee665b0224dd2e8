/** A table of results: titles, and a line of cells for each row; numbers stand at the right. */
export type Table = {
  readonly title: string;
  /** What was done and what the columns mean, in a sentence or two. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** As Markdown that is readable as text too. */
export function renderTable({ title, about, columns, rows }: Table): string {
  const widths = columns.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = columns.map((_, column) => rows.every((row) => /^(-?[\d,.]+|-|)$/.test(row[column] ?? "")));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (isNumber[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (isNumber[column] === true ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  return [`## ${title}`, "", about, "", line(columns), rule, ...rows.map(line), ""].join("\n");
}

/** The middle one; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** A ratio as it stands in a table; "-" where there is nothing to compare with. */
export function ratio(value: number, beside: number | undefined): string {
  return beside === undefined ? "-" : (value / beside).toFixed(2);
}
