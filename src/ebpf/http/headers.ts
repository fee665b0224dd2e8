import type { Writer } from "../encoding/writer.ts";

/** Header fields as attributes: each a list of one text. */
export function putHeaders(writer: Writer, names: readonly Uint8Array[], bytes: Uint8Array, found: Int32Array): void {
  for (const [i, key] of names.entries()) {
    const from = found[i * 2] ?? -1;
    if (from >= 0) writer.texts(key, [Buffer.from(bytes.subarray(from, found[i * 2 + 1])).toString()]);
  }
}
