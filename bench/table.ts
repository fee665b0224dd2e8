/** One line of the result. */
export type Row = {
  readonly signal: string;
  readonly items: number;
  readonly ids: "resource" | "records";
  readonly name: string;
  readonly bytes: number;
  readonly cpuMicrosPerRequest: number;
  readonly itemsPerCoreSecond: number;
  /** CPU beside that of what the column's title names, in the same run. */
  readonly ratio: number;
};

/** The results as a Markdown table that is readable as text too. */
export function renderTable(rows: readonly Row[], compared: string): string {
  const cells = rows.map((row) => [
    row.signal,
    String(row.items),
    row.ids,
    row.name,
    String(row.bytes),
    row.cpuMicrosPerRequest.toFixed(0),
    Math.round(row.itemsPerCoreSecond).toLocaleString("en-US"),
    row.ratio.toFixed(2),
  ]);
  const header = ["signal", "items/request", "IDs on", "process", "bytes", "CPU us/request", "items/s/core", compared];
  const isText = (column: number) => column === 0 || column === 2 || column === 3;
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (parts: readonly string[]) =>
    `| ${parts.map((part, column) => (isText(column) ? part.padEnd(widths[column] ?? 0) : part.padStart(widths[column] ?? 0))).join(" | ")} |\n`;
  const rule = `|${widths.map((width, column) => (isText(column) ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|\n`;
  return `${line(header)}${rule}${cells.map(line).join("")}`;
}

/** The middle one; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}
