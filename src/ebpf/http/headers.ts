import type { Writer } from "../encoding/writer.ts";

/** Header fields as attributes: each a list of its values, in their order. `wanted` is that of a head. */
export function putHeaders(
  writer: Writer,
  names: readonly Uint8Array[],
  { bytes, wanted }: { readonly bytes: Uint8Array; readonly wanted: readonly number[] },
): void {
  if (wanted.length === 0) return;
  const values = names.map((): string[] => []);
  for (let i = 0; i < wanted.length; i += 3)
    values[wanted[i] ?? 0]?.push(Buffer.from(bytes.subarray(wanted[i + 1], wanted[i + 2])).toString());
  for (const [i, key] of names.entries()) {
    const of = values[i] ?? [];
    if (of.length > 0) writer.texts(key, of);
  }
}
