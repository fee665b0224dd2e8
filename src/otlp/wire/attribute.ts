import { type Cursor, Wire } from "./cursor.ts";
import type { KeySet } from "./keys.ts";
import { lengthDelimited, putVarint, varintSize } from "../rope/splice.ts";
import type { StringTable } from "./string-table.ts";
import { readVarint } from "./varints.ts";

/** What podstamp writes: the value types of the attributes that come from a container; numbers are integers from 0. */
export type AttributeValue = string | number | readonly string[];

/** Strings that attributes point to, and the field of the attribute that is the position of its key: 3 in KeyValue, 1 in KeyValueAndUnit. */
export type Indirection = { readonly strings: () => StringTable; readonly keyField: number };

/**
 * Reads one KeyValue in place: key 1 string, value 2 AnyValue, and with an indirection the position of the key, which counts
 * when it is not 0. One reader serves a whole walk. Repeated fields count as protobuf says: the last key, the last value of the oneof.
 */
export class AttributeReader {
  readonly #indirection: Indirection | undefined;
  readonly #keyField: number;

  constructor(indirection?: Indirection) {
    this.#indirection = indirection;
    this.#keyField = indirection?.keyField ?? -1;
  }

  /**
   * What find() saw, when it found a key. empty: no value or a string of no bytes, the only kinds of value that podstamp
   * overwrites; string: any other string; other: everything else, also a kind that nobody knows yet.
   */
  kind: "empty" | "string" | "other" = "empty";
  /** A string's bytes. */
  valueStart = 0;
  valueStop = 0;
  /** An integer from 0 to 2^53; the kind of it is other. Undefined for every other value. */
  integer: number | undefined;

  /** The index of the wanted key that the KeyValue under the cursor has, or -1; also when its inside is broken: then it is nobody's attribute. */
  find(cursor: Cursor, wanted: KeySet): number {
    const { start, stop } = cursor;
    const outer = cursor.enter();
    let index = wanted.lengths[0] === 1 ? wanted.find(cursor.bytes, start, start) : -1;
    let position = 0;
    while (cursor.next()) {
      if (cursor.field === 1 && cursor.wire === Wire.LEN)
        index =
          wanted.lengths[cursor.stop - cursor.start] === 0 ? -1 : wanted.find(cursor.bytes, cursor.start, cursor.stop);
      else if (cursor.field === this.#keyField && cursor.wire === Wire.VARINT)
        position = readVarint(cursor.bytes, cursor.start, cursor.stop);
    }
    if (position > 0) index = this.#keyAt(cursor.bytes, position, wanted);
    // Most attributes are not wanted, so that their values need not be looked at.
    if (index >= 0 && cursor.problem === "") this.#readValues(cursor, start);
    if (cursor.problem !== "") index = -1;
    cursor.problem = "";
    cursor.pos = stop;
    cursor.end = outer;
    return index;
  }

  /** The index of the wanted key that the string at a position is, or -1. */
  #keyAt(bytes: Uint8Array, position: number, wanted: KeySet): number {
    const key = this.#indirection?.strings().at(position);
    return key === undefined ? -1 : wanted.find(bytes, key.start, key.stop);
  }

  /** The values of the KeyValue that begins at `start`, merged. */
  #readValues(cursor: Cursor, start: number): void {
    let hasUnknown = false;
    this.kind = "empty";
    this.integer = undefined;
    cursor.pos = start;
    while (cursor.next()) {
      if (cursor.field !== 2 || cursor.wire !== Wire.LEN) continue;
      const outer = cursor.enter();
      while (cursor.next()) if (!this.#readKind(cursor)) hasUnknown = true;
      if (cursor.problem !== "") return;
      cursor.leave(outer);
    }
    if (hasUnknown && this.kind === "empty") this.kind = "other";
  }

  /** AnyValue: a oneof of 1 string_value and 2 to 8. False when the field is none of them. */
  #readKind(cursor: Cursor): boolean {
    if (cursor.field > 8) return false;
    this.integer = undefined;
    if (cursor.field === 1 && cursor.wire === Wire.LEN) {
      this.kind = cursor.stop > cursor.start ? "string" : "empty";
      this.valueStart = cursor.start;
      this.valueStop = cursor.stop;
    } else if (cursor.field === 8 && cursor.wire === Wire.VARINT && this.#indirection !== undefined)
      this.#readString(readVarint(cursor.bytes, cursor.start, cursor.stop));
    else {
      this.kind = "other";
      if (cursor.field === 3 && cursor.wire === Wire.VARINT) this.#readInteger(cursor);
    }
    return true;
  }

  /** A negative one is written as 2^64 less it. */
  #readInteger(cursor: Cursor): void {
    const integer = readVarint(cursor.bytes, cursor.start, cursor.stop);
    this.integer = Number.isSafeInteger(integer) ? integer : undefined;
  }

  /** A value that is a position: what stands there, or nothing that we could judge. */
  #readString(position: number): void {
    const string = this.#indirection?.strings().at(position);
    this.kind = string === undefined ? "other" : string.stop > string.start ? "string" : "empty";
    this.valueStart = string?.start ?? 0;
    this.valueStop = string?.stop ?? 0;
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
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`Cannot encode an attribute: must be an integer >= 0, is ${value}`);
    const bytes = new Uint8Array(1 + varintSize(value));
    bytes[0] = 3 * 8;
    putVarint(bytes, 1, value);
    return bytes;
  }
  return lengthDelimited(5, Buffer.concat(value.map((item) => lengthDelimited(1, encodeAnyValue(item)))));
}
