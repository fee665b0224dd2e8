import type { Args } from "../terminal/args.ts";
import { fewColumns, fit, fitFirst } from "../terminal/fit.ts";
import { type Io, structured, table } from "../terminal/output.ts";

/** One list in every form in which it can be printed. */
export type Printed<T> = {
  readonly id: (item: T) => string;
  readonly asJson: (item: T) => unknown;
  /** Header and rows; the first way that fits the terminal is taken, and the last is cut. */
  readonly tables: readonly ((items: readonly T[]) => readonly (readonly string[])[])[];
  /** The columns that a terminal has room for that is narrower than most; the first and the last of them are not cut. */
  readonly narrow?: (items: readonly T[]) => readonly (readonly string[])[];
  readonly wide: (items: readonly T[]) => readonly (readonly string[])[];
  /** Columns of the tables that are not cut. */
  readonly uncut: readonly number[];
};

type Printing = { readonly args: Args; readonly io: Io };

/** Prints a list as -o and -q say. */
export async function print<T>({ args, io }: Printing, items: readonly T[], as: Printed<T>): Promise<void> {
  const format = args.text("output") ?? "table";
  if (format === "json" || format === "yaml") return io.out(await structured(format, items.map(as.asJson)));
  if (args.flag("quiet")) return io.out(items.map((item) => `${as.id(item)}\n`).join(""));
  if (format === "wide") return io.out(table(as.wide(items)));
  // Who wants IDs in full wants them to copy.
  const columns = args.flag("no-trunc") ? undefined : io.columns;
  if (as.narrow !== undefined && columns !== undefined && columns > 0 && columns < fewColumns) {
    const rows = as.narrow(items);
    return io.out(table(fit(rows, columns, [0, (rows[0] ?? []).length - 1])));
  }
  const tables = as.tables.map((each) => () => each(items));
  io.out(table(fitFirst(tables, columns, as.uncut)));
}

/** How much of an ID is shown, as crictl has it. */
const idLength = 13;

/** An ID as it stands in a table: without its algorithm and cut, or whole. */
export function idText(id: string, isWhole: boolean): string {
  return isWhole ? id : id.replace(/^sha256:/, "").slice(0, idLength);
}
