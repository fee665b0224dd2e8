import { type Change, type Message, messageChange, removal } from "./changes.ts";
import { Cursor, Wire } from "../wire/cursor.ts";

/** What is done at each step of a walk through a request; the cursor stands at the field that it is about. */
export type Visitor = {
  /** A resource_x; whether its records are to be seen. */
  resource(bytes: Uint8Array, message: Message): boolean;
  /** A scope_x; whether its records are to be seen. */
  scope(bytes: Uint8Array, message: Message): boolean;
  /** A span, a log record or a metric: what changes inside its field, or that it goes. */
  record(bytes: Uint8Array, message: Message): readonly Change[] | "dropped";
};

/**
 * Walks a checked request of any signal but profiles down to its spans, log records or metrics, and gives what is to change.
 * A scope whose last record is dropped goes too, and so does the resource with its last scope's records.
 */
export function walkRecords(bytes: Uint8Array, visitor: Visitor): readonly Change[] {
  const cursor = new Cursor(bytes);
  const changes: Change[] = [];
  while (cursor.next()) {
    if (cursor.field !== 1) continue;
    const message = messageAt(cursor);
    if (visitor.resource(bytes, message)) changes.push(...walkResource(cursor, message, visitor).changes);
  }
  return changes;
}

/** How many records were kept and dropped, and what is to change. */
type Outcome = { readonly kept: number; readonly dropped: number; readonly changes: readonly Change[] };

function walkResource(cursor: Cursor, message: Message, visitor: Visitor): Outcome {
  return inside(cursor, { message, no: 1 }, (scope) => {
    if (!visitor.scope(cursor.bytes, scope)) return { kept: 1, dropped: 0, changes: [] };
    return inside(cursor, { message: scope, no: 2 }, (record) => {
      const changes = visitor.record(cursor.bytes, record);
      if (changes === "dropped") return { kept: 0, dropped: 1, changes: [removal(record.tag, record.stop)] };
      return { kept: 1, dropped: 0, changes };
    });
  });
}

/** What is to change in a message, field `no` of its parent, by what is to change in each of its fields 2. */
function inside(
  cursor: Cursor,
  { message, no }: { message: Message; no: number },
  visit: (field: Message) => Outcome,
): Outcome {
  const outer = cursor.enter();
  let kept = 0;
  let dropped = 0;
  const changes: Change[] = [];
  while (cursor.next()) {
    if (cursor.field !== 2) continue;
    const outcome = visit(messageAt(cursor));
    kept += outcome.kept;
    dropped += outcome.dropped;
    for (const change of outcome.changes) changes.push(change);
  }
  cursor.leave(outer);
  if (dropped > 0 && kept === 0) return { kept, dropped, changes: [removal(message.tag, message.stop)] };
  return { kept, dropped, changes: messageChange(no, message, changes) };
}

/** Calls `visit` for each length-delimited field `no` of the message; false when the message is broken. */
export function eachMessage(
  bytes: Uint8Array,
  message: Pick<Message, "start" | "stop">,
  visit: (no: number, field: Message) => void,
): boolean {
  const cursor = new Cursor(bytes, message.start, message.stop);
  while (cursor.next()) if (cursor.wire === Wire.LEN) visit(cursor.field, messageAt(cursor));
  return cursor.problem === "";
}

function messageAt({ tag, start, stop }: Cursor): Message {
  return { tag, start, stop };
}
