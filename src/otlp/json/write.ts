import { Cursor, Wire } from "../wire/cursor.ts";
import { Growing } from "./growing.ts";
import { maxDepth } from "./limits.ts";
import type { Transcoded } from "./limits.ts";
import { messageOf } from "./schema.ts";
import type { Field, Message, MessageName } from "./schema.ts";
import { ScalarWriter } from "./write-scalar.ts";

/**
 * Turns the protobuf of the message `name` into OTLP's JSON, in one line: ids in hex, 64-bit integers as strings, enums as numbers,
 * fields in the order of the bytes. Of a field that comes twice the last one counts, messages are merged; unknown fields, which
 * JSON has no name for, are left out; text that is no UTF-8 gets U+FFFD. At most about fifteen bytes come of each.
 */
export function protobufToJson(name: MessageName, bytes: Uint8Array): Transcoded {
  const output = new Growing(bytes.length * 2 + 64);
  const writer = new Writer(bytes, output);
  if (writer.write(messageOf(name))) return { status: "ok", bytes: output.take() };
  output.drop();
  return { status: "malformed", problem: `Cannot write ${name} as JSON: ${writer.problem}` };
}

const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

class Writer {
  problem = "";
  #cursor: Cursor;
  readonly #output: Growing;
  readonly #scalars: ScalarWriter;
  #depth = 0;

  constructor(bytes: Uint8Array, output: Growing) {
    this.#cursor = new Cursor(bytes);
    this.#output = output;
    this.#scalars = new ScalarWriter(output);
  }

  /** Writes what lies between the cursor's position and its end. */
  write(message: Message): boolean {
    if (++this.#depth > maxDepth) return this.#fail(`must not be nested deeper than ${maxDepth} messages`);
    this.#output.byte(openBrace);
    const isPlain = this.#isPlain(message);
    if (this.problem !== "") return false;
    if (!(isPlain ? this.#asItComes(message) : this.#sorted(message))) return false;
    this.#output.byte(closeBrace);
    this.#depth--;
    return true;
  }

  /** Whether each field comes once, or all its items behind each other, so that it can be written as it comes. */
  #isPlain(message: Message): boolean {
    const cursor = this.#cursor;
    const start = cursor.pos;
    let seen = 0;
    let hasOneof = false;
    let last = -1;
    let isPlain = true;
    while (cursor.next()) {
      const field = fieldAt(message, cursor);
      if (field === undefined) continue;
      const bit = 1 << field.index;
      if ((seen & bit) !== 0 && !(field.isRepeated && field.index === last)) isPlain = false;
      if (field.oneof !== undefined) {
        if (hasOneof) isPlain = false;
        hasOneof = true;
      }
      seen |= bit;
      last = field.index;
    }
    if (cursor.problem !== "") this.#fail(cursor.problem);
    cursor.pos = start;
    return isPlain;
  }

  #asItComes(message: Message): boolean {
    const cursor = this.#cursor;
    const output = this.#output;
    let list: Field | undefined;
    while (cursor.next()) {
      const field = fieldAt(message, cursor);
      if (field === undefined) continue;
      if (list !== undefined && field !== list) {
        output.byte(closeBracket);
        list = undefined;
      }
      if (list === undefined) {
        this.#label(field);
        if (field.isRepeated) {
          output.byte(openBracket);
          list = field;
        }
      }
      if (!this.#value(field)) return false;
    }
    if (list !== undefined) output.byte(closeBracket);
    return true;
  }

  /** Writes field by field, whatever the order in which they come. */
  #sorted(message: Message): boolean {
    const cursor = this.#cursor;
    const start = cursor.pos;
    const found = new Map<Field, Place[]>();
    while (cursor.next()) {
      const field = fieldAt(message, cursor);
      if (field === undefined) continue;
      // Of a oneof only the member counts that comes last.
      if (field.oneof !== undefined)
        for (const other of found.keys()) if (other.oneof === field.oneof && other !== field) found.delete(other);
      const places = found.get(field);
      const place = { wire: cursor.wire, start: cursor.start, stop: cursor.stop };
      if (places === undefined) found.set(field, [place]);
      else if (field.isRepeated || field.message !== undefined) places.push(place);
      else places[0] = place;
    }
    for (const [field, places] of found) if (!this.#all(field, places)) return false;
    cursor.pos = Math.max(start, cursor.end);
    return true;
  }

  #all(field: Field, places: readonly Place[]): boolean {
    this.#label(field);
    if (field.isRepeated) this.#output.byte(openBracket);
    if (field.message !== undefined && !field.isRepeated && places.length > 1)
      return this.#merged(field.message, places);
    const cursor = this.#cursor;
    for (const { wire, start, stop } of places) {
      cursor.wire = wire;
      cursor.start = start;
      cursor.stop = stop;
      if (!this.#value(field)) return false;
    }
    if (field.isRepeated) this.#output.byte(closeBracket);
    return true;
  }

  /** A message that comes in pieces is all of them one behind the other. */
  #merged(message: Message, places: readonly Place[]): boolean {
    const outer = this.#cursor;
    this.#cursor = new Cursor(Buffer.concat(places.map(({ start, stop }) => outer.bytes.subarray(start, stop))));
    const isWritten = this.write(message);
    this.#cursor = outer;
    return isWritten;
  }

  /** Writes the value under the cursor, or the values of a packed list. */
  #value(field: Field): boolean {
    const cursor = this.#cursor;
    if (field.message !== undefined) {
      this.#separate();
      const outer = cursor.enter();
      if (!this.write(field.message)) return false;
      cursor.leave(outer);
      return true;
    }
    if (cursor.wire !== Wire.LEN || field.wire === Wire.LEN) {
      this.#separate();
      this.#scalars.write(field, cursor);
      return true;
    }
    return this.#packed(field);
  }

  #packed(field: Field): boolean {
    const { bytes, start, stop } = this.#cursor;
    const item = { bytes, start, stop };
    for (let pos = start; pos < stop; pos = item.stop) {
      item.start = pos;
      item.stop = field.wire === Wire.VARINT ? endOfVarint(bytes, pos, stop) : pos + (field.wire === Wire.I64 ? 8 : 4);
      if (item.stop > stop)
        return this.#fail(`a packed ${field.name} must hold whole values, ends in the middle of one`);
      this.#separate();
      this.#scalars.write(field, item);
    }
    return true;
  }

  #label(field: Field): void {
    this.#separate();
    this.#output.copy(field.label, 0, field.label.length);
  }

  /** A comma, unless this is the first of its object or list, or stands behind its name. */
  #separate(): void {
    const output = this.#output;
    const last = output.bytes[output.length - 1];
    if (last !== openBrace && last !== openBracket && last !== 0x3a) output.byte(comma);
  }

  #fail(problem: string): false {
    this.problem = problem;
    return false;
  }
}

type Place = { readonly wire: number; readonly start: number; readonly stop: number };

/** The field under the cursor; undefined when the message has none of that number and wire type. */
function fieldAt(message: Message, cursor: Cursor): Field | undefined {
  const field = message.byNumber[cursor.field];
  if (field === undefined || cursor.wire === field.wire) return field;
  return field.isRepeated && cursor.wire === Wire.LEN ? field : undefined;
}

/** Where the varint ends; behind `stop` when it does not end before it, or has more than ten bytes. */
function endOfVarint(bytes: Uint8Array, start: number, stop: number): number {
  let pos = start;
  while (pos < stop && (bytes[pos] ?? 0) >= 128) pos++;
  return pos - start < 10 ? pos + 1 : stop + 1;
}
