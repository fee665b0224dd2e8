import type { Batch, Consumer, Part } from "./contract.ts";
import { whole } from "../otlp/rope/rope.ts";

/** What a processor makes of one request: new bytes and how many items are in them. */
export type Rewritten = { readonly bytes: Uint8Array; readonly items: number };

/**
 * The batch with each of its requests rewritten; a merged one keeps its parts, also those that have nothing left, so that
 * each keeps its own answer. The very same batch when no request changes; undefined when `rewrite` gives up on one.
 */
export function rewriteBatch(
  batch: Batch,
  rewrite: (bytes: Uint8Array, items: number) => Rewritten | undefined,
): Batch | undefined {
  const { parts } = batch;
  if (parts === undefined) {
    const made = rewrite(whole(batch.bytes), batch.items);
    if (made === undefined) return undefined;
    return made.bytes === whole(batch.bytes) ? batch : { ...batch, bytes: made.bytes, items: made.items };
  }
  const bytes = whole(batch.bytes);
  const pieces: Uint8Array[] = [];
  const made: Part[] = [];
  let isChanged = false;
  let start = 0;
  let end = 0;
  let items = 0;
  for (const part of parts) {
    const old = bytes.subarray(start, part.end);
    start = part.end;
    const piece = rewrite(old, part.items);
    if (piece === undefined) return undefined;
    if (piece.bytes !== old) isChanged = true;
    pieces.push(piece.bytes);
    end += piece.bytes.length;
    items += piece.items;
    made.push({ end, items: piece.items });
  }
  return isChanged ? { ...batch, bytes: Buffer.concat(pieces, end), items, parts: made } : batch;
}

/**
 * Hands batches on with their requests edited. A request that `edit` gives up on, with undefined, because it would become many
 * times as large, is refused for good: passed as it came, it would still have what was to be taken out.
 */
export function handingOnEdited(
  next: Consumer,
  edit: (batch: Batch, bytes: Uint8Array) => Uint8Array | undefined,
): Consumer["consume"] {
  return async (batch, signal) => {
    const edited = rewriteBatch(batch, (bytes, items) => {
      const made = edit(batch, bytes);
      return made && { bytes: made, items };
    });
    if (edited !== undefined) return next.consume(edited, signal);
    const cause = new Error("Cannot write attributes on the request: it would be many times as large");
    return { status: "rejected", cause };
  };
}
