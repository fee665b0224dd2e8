import { widthOf, wrap } from "./terminal/fit.ts";
import { clean, type Io } from "./terminal/output.ts";

/** An attribute with where its value comes from, or why it has none. */
export type Shown =
  | { readonly name: string; readonly value: unknown; readonly source: string }
  | { readonly name: string; readonly absent: string };

/** Attributes one below the other, each with its value and where that comes from, or why it is not there. */
export function attributeBlocks(attributes: readonly Shown[], io: Pick<Io, "columns" | "color">): string {
  const width = widthOf(io);
  const bold = (text: string) => (io.color ? `\u001b[1m${text}\u001b[22m` : text);
  const dim = (text: string) => (io.color ? `\u001b[2m${text}\u001b[22m` : text);
  const block = (shown: Shown) => {
    const said = "absent" in shown ? `- ${shown.absent}` : clean(textOf(shown.value));
    const source = "absent" in shown ? [] : wrap(`from ${shown.source}`, width - 4);
    return [
      ...wrap(clean(shown.name), width).map(bold),
      ...wrap(said, width - 2).map((line) => `  ${line}`),
      ...source.map((line) => `    ${dim(line)}`),
    ];
  };
  return attributes
    .flatMap(block)
    .map((line) => `${line}\n`)
    .join("");
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
