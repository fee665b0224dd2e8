import { widthOf, wrap } from "./terminal/fit.ts";
import { clean, type Io } from "./terminal/output.ts";

/** An attribute with where its value comes from, or why it has none. */
export type Shown =
  | { readonly name: string; readonly value: unknown; readonly source: string }
  | { readonly name: string; readonly absent: string };

/** Attributes one below the other, each with its value and where that comes from; behind them those that are not there, together by the reason. */
export function attributeBlocks(attributes: readonly Shown[], io: Pick<Io, "columns" | "color">): string {
  const width = widthOf(io);
  const bold = (text: string) => (io.color ? `\u001b[1m${text}\u001b[22m` : text);
  const dim = (text: string) => (io.color ? `\u001b[2m${text}\u001b[22m` : text);
  const absent = new Map<string, string[]>();
  const present = attributes.flatMap((shown) => {
    if ("absent" in shown) {
      absent.set(shown.absent, [...(absent.get(shown.absent) ?? []), shown.name]);
      return [];
    }
    return [
      ...wrap(clean(shown.name), width).map(bold),
      ...wrap(clean(textOf(shown.value)), width - 2).map((line) => `  ${line}`),
      ...wrap(`from ${shown.source}`, width - 4).map((line) => `    ${dim(line)}`),
    ];
  });
  const missing = [...absent].flatMap(([reason, names]) => [
    ...wrap(`absent: ${clean(reason)}`, width),
    ...wrap(names.map(clean).join(", "), width - 2).map((line) => `  ${line}`),
  ]);
  const written = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
  return [present, missing]
    .filter(({ length }) => length > 0)
    .map(written)
    .join("\n");
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
