import { type Cursor, Wire } from "./cursor.ts";
import { header, putVarint, varintSize } from "./splice.ts";

/** What podstamp writes: the value types of the attributes that come from a container. */
export type AttributeValue = string | number | readonly string[];

/**
 * Reads one KeyValue in place: key 1 string, value 2 AnyValue. One reader serves a whole walk.
 * Repeated fields count as protobuf says: the last key, the last value of the oneof.
 */
export class AttributeReader {
  keyStart = 0;
  keyStop = 0;
  /** empty: no value or a string of no bytes; the only kinds of value that podstamp overwrites. */
  kind: "empty" | "string" | "other" = "empty";
  /** A string's bytes. */
  valueStart = 0;
  valueStop = 0;

  /** Reads the KeyValue that the cursor's next() found. False when its inside is broken: then it is nobody's attribute. */
  read(cursor: Cursor): boolean {
    const { stop } = cursor;
    this.keyStart = this.keyStop = 0;
    this.kind = "empty";
    const outer = cursor.enter();
    while (cursor.next()) {
      if (cursor.wire !== Wire.LEN) continue;
      if (cursor.field === 1) {
        this.keyStart = cursor.start;
        this.keyStop = cursor.stop;
      } else if (cursor.field === 2) this.#value(cursor);
    }
    const whole = cursor.problem === "";
    cursor.problem = "";
    cursor.pos = stop;
    cursor.end = outer;
    return whole;
  }

  #value(cursor: Cursor): void {
    const outer = cursor.enter();
    while (cursor.next()) {
      if (cursor.field === 1 && cursor.wire === Wire.LEN) {
        this.kind = cursor.stop > cursor.start ? "string" : "empty";
        this.valueStart = cursor.start;
        this.valueStop = cursor.stop;
      } else if (cursor.field <= 8) this.kind = "other";
    }
    if (cursor.problem === "") cursor.leave(outer);
  }
}

/** Encodes a KeyValue as field number `field` of its message, tag and length included. Integers become int_value, arrays array_value. */
export function encodeAttribute(field: number, key: string, value: AttributeValue): Uint8Array {
  const keyValue = Buffer.concat([lengthDelimited(1, Buffer.from(key)), lengthDelimited(2, encodeAnyValue(value))]);
  return lengthDelimited(field, keyValue);
}

/** AnyValue: 1 string_value, 3 int_value, 5 array_value { 1 values }. */
function encodeAnyValue(value: AttributeValue): Uint8Array {
  if (typeof value === "string") return lengthDelimited(1, Buffer.from(value));
  if (typeof value === "number") {
    const bytes = new Uint8Array(1 + varintSize(value));
    bytes[0] = 3 * 8;
    putVarint(bytes, 1, value);
    return bytes;
  }
  return lengthDelimited(5, Buffer.concat(value.map((item) => lengthDelimited(1, encodeAnyValue(item)))));
}

function lengthDelimited(field: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([header(field, content.length), content]);
}
