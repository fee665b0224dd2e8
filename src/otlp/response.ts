import { Cursor, Wire } from "./wire/cursor.ts";
import { lengthDelimited, putVarint, varintSize } from "./rope/splice.ts";

/** What a server could not take of a request it answered with success; `rejected` 0 with a message is a warning. */
export type PartialSuccess = { readonly rejected: number; readonly message: string };

/** An Export…ServiceResponse without partial_success: no bytes at all. */
export const fullSuccess: Uint8Array = new Uint8Array(0);

/**
 * Encodes an Export…ServiceResponse { partial_success = 1: { rejected_… = 1 (int64), error_message = 2 } },
 * which has the same shape for every signal.
 */
export function encodePartialSuccess(partial: PartialSuccess): Uint8Array {
  const message = Buffer.from(partial.message);
  const count = new Uint8Array(1 + varintSize(partial.rejected));
  count[0] = 1 * 8;
  putVarint(count, 1, partial.rejected);
  const inner = Buffer.concat([
    partial.rejected > 0 ? count : fullSuccess,
    message.length > 0 ? lengthDelimited(2, message) : fullSuccess,
  ]);
  return lengthDelimited(1, inner);
}

/** Reads partial_success out of an Export…ServiceResponse; undefined on full success and when the bytes are no such message. */
export function decodePartialSuccess(bytes: Uint8Array): PartialSuccess | undefined {
  if (bytes.length === 0) return undefined;
  const cursor = new Cursor(bytes);
  let partial: PartialSuccess = { rejected: 0, message: "" };
  while (cursor.next()) {
    if (cursor.field === 1 && cursor.wire === Wire.LEN) partial = readPartial(cursor, partial);
  }
  return cursor.problem !== "" || (partial.rejected === 0 && partial.message === "") ? undefined : partial;
}

/** Reads the message under the cursor over `before`, as protobuf merges a field that comes twice. */
function readPartial(cursor: Cursor, before: PartialSuccess): PartialSuccess {
  const outer = cursor.enter();
  let { rejected, message } = before;
  while (cursor.next()) {
    if (cursor.field === 1 && cursor.wire === Wire.VARINT) rejected = readCount(cursor);
    if (cursor.field === 2 && cursor.wire === Wire.LEN)
      message = Buffer.from(cursor.bytes.subarray(cursor.start, cursor.stop)).toString("utf8");
  }
  if (cursor.problem === "") cursor.leave(outer);
  return { rejected, message };
}

/** An int64 that counts something: a negative one (ten bytes) counts nothing. */
function readCount(cursor: Cursor): number {
  const { bytes, start, stop } = cursor;
  let value = 0;
  for (let i = stop - 1; i >= start; i--) value = value * 128 + ((bytes[i] ?? 0) & 0x7f);
  return stop - start < 10 && Number.isSafeInteger(value) ? value : 0;
}
