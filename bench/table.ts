/** One line of the result. */
export type Row = {
  readonly spans: number;
  readonly ids: "resource" | "records";
  readonly name: string;
  readonly bytes: number;
  readonly cpuMicrosPerRequest: number;
  readonly spansPerCoreSecond: number;
  /** CPU beside that of the node:http2 forwarder in the same run. */
  readonly ratio: number;
};

/** The results as a Markdown table that is readable as text too. */
export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [String(row.spans), row.ids, row.name, String(row.bytes), row.cpuMicrosPerRequest.toFixed(0), Math.round(row.spansPerCoreSecond).toLocaleString("en-US"), row.ratio.toFixed(2)]);
  const header = ["spans/request", "IDs on", "process", "bytes", "CPU us/request", "spans/s/core", "x forwarder"];
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (parts: readonly string[]) => `| ${parts.map((part, column) => (column === 1 || column === 2 ? part.padEnd(widths[column] ?? 0) : part.padStart(widths[column] ?? 0))).join(" | ")} |\n`;
  const rule = `|${widths.map((width, column) => (column === 1 || column === 2 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|\n`;
  return `${line(header)}${rule}${cells.map(line).join("")}`;
}

/** The middle one; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}
