import type { Attributes, Plain } from "../../test/support/otlp/plain.ts";

const narrowest = 60;
const widest = 132;

export type TableOptions = { readonly width: number; readonly hasColor: boolean };

/** How wide and how colourful standard output may be: 80 columns where nobody says, colours only on a terminal without NO_COLOR. */
export function tableOptions(): TableOptions {
  const { columns, isTTY } = process.stdout;
  const hasColor = isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  return { width: Math.min(widest, Math.max(narrowest, columns ?? 80)), hasColor };
}

/** A resource before and after, an attribute a line: what was added is marked with a plus. */
export function resourceTable(before: Attributes, after: Attributes, options: TableOptions): string {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const keyWidth = Math.max(...keys.map((key) => key.length)) + 2;
  const beforeWidth = Math.min(18, Math.max(6, ...Object.values(before).map((value) => show(value).length))) + 2;
  const afterWidth = Math.max(16, options.width - 2 - keyWidth - beforeWidth);
  const line = (mark: string, cells: readonly [string, string, string]) =>
    `${mark} ${cells[0].padEnd(keyWidth)}${cells[1].padEnd(beforeWidth)}${cells[2]}`.trimEnd();
  const rows = keys.flatMap((key) => {
    const was = wrap(key in before ? show(before[key]) : "-", beforeWidth - 2);
    const is = wrap(key in after ? show(after[key]) : "-", afterWidth);
    const isNew = !(key in before);
    return Array.from({ length: Math.max(was.length, is.length) }, (_, row) => {
      const text = line(isNew && row === 0 ? "+" : " ", [row === 0 ? key : "", was[row] ?? "", is[row] ?? ""]);
      return isNew ? paint(text, "32", options) : text;
    });
  });
  const head = line(" ", ["attribute", "before", "after"]);
  return [paint(head, "1", options), `  ${"-".repeat(options.width - 2)}`, ...rows].join("\n");
}

/** Two that belong together beside each other, an attribute a line. */
export function pairTable(
  titles: readonly [string, string],
  pair: readonly [Attributes, Attributes],
  options: TableOptions,
): string {
  const keys = [...new Set(pair.flatMap((attributes) => Object.keys(attributes)))];
  const keyWidth = Math.max(...keys.map((key) => key.length)) + 2;
  const width = Math.max(16, Math.floor((options.width - 4 - keyWidth) / 2));
  const line = (cells: readonly string[]) =>
    `  ${(cells[0] ?? "").padEnd(keyWidth)}${(cells[1] ?? "").padEnd(width + 2)}${cells[2] ?? ""}`.trimEnd();
  const rows = keys.flatMap((key) => {
    const [left = [], right = []] = pair.map((attributes) => wrap(show(attributes[key]), width));
    return Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
      line([row === 0 ? key : "", left[row] ?? "", right[row] ?? ""]),
    );
  });
  const head = line(["", ...titles]);
  return [paint(head, "1", options), `  ${"-".repeat(options.width - 2)}`, ...rows].join("\n");
}

/** Text in a colour or weight of ECMA-48, where there are colours. */
export function paint(text: string, code: string, { hasColor }: TableOptions): string {
  return hasColor ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/** A value for reading: IDs and digests by their first twelve digits. */
function show(value: Plain): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1…");
}

/** Lines no longer than this, broken where a reader would break them if that can be. */
function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const breakable = Math.max(...["@", "/", ",", ":", "-", " "].map((mark) => text.lastIndexOf(mark, width - 1)));
  const end = breakable > width / 2 ? breakable + 1 : width;
  return [text.slice(0, end), ...wrap(text.slice(end), width)];
}
