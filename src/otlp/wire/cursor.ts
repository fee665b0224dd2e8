/** Protobuf wire types, as in https://protobuf.dev/programming-guides/encoding. */
export const Wire = { VARINT: 0, I64: 1, LEN: 2, SGROUP: 3, EGROUP: 4, I32: 5 } as const;

/** Groups inside groups deeper than this are refused, as other protobuf libraries do. */
const maxGroupDepth = 100;

/**
 * Walks the fields of a protobuf message in place. One cursor serves a whole request: `enter` narrows it to a
 * nested message by moving `end`, `leave` widens it again. Nothing is decoded that nobody asks for.
 *
 *   while (cursor.next()) switch (cursor.field) { … cursor.start .. cursor.stop is the value … }
 *
 * `next()` answers false at the end and at the first broken frame; `problem` tells which of the two.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  /** Where the next field begins, and where the message that is being walked ends. */
  pos: number;
  end: number;
  /** The field that next() found: number, wire type, offset of its tag, and its value as [start, stop). */
  field = 0;
  wire = 0;
  tag = 0;
  start = 0;
  stop = 0;
  /** What is wrong with the frame at `pos`; empty while all is well. */
  problem = "";

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  /** Moves on to the next field of the message. */
  next(): boolean {
    const { bytes, pos, end } = this;
    if (pos >= end) return false;
    this.tag = pos;
    // Most fields are length-delimited with one byte for the tag and one or two for the length.
    const tag = bytes[pos] ?? 0;
    if ((tag & 0x87) === Wire.LEN && tag > 7 && pos + 3 <= end) {
      let start = pos + 2;
      let length = bytes[pos + 1] ?? 0;
      if (length > 127) length = (length & 127) | ((bytes[start++] ?? 0) << 7);
      if (length < 16_384 && start + length <= end) {
        this.field = tag >>> 3;
        this.wire = Wire.LEN;
        this.start = start;
        this.pos = this.stop = start + length;
        return true;
      }
    }
    return this.#tag() && this.#value(maxGroupDepth);
  }

  /** Narrows the cursor to the value that next() found and returns the end to give back to leave(). */
  enter(): number {
    const outer = this.end;
    this.pos = this.start;
    this.end = this.stop;
    return outer;
  }

  /** Goes back to the enclosing message, behind the one that was entered. */
  leave(outer: number): void {
    this.pos = this.end;
    this.end = outer;
  }

  /** Reads a tag: field number and wire type. */
  #tag(): boolean {
    const tag = this.#varint();
    if (tag < 0) return false;
    this.field = Math.floor(tag / 8);
    this.wire = tag & 7;
    return (this.field >= 1 && tag <= 0xffffffff) || this.#fail(`field number ${this.field} is not one`);
  }

  /** Moves over the value of the field whose tag was read. */
  #value(depth: number): boolean {
    switch (this.wire) {
      case Wire.VARINT:
        this.start = this.pos;
        if (this.#varint() < 0) return false;
        break;
      case Wire.I64:
        this.start = this.pos;
        this.pos += 8;
        break;
      case Wire.LEN: {
        const length = this.#varint();
        if (length < 0) return false;
        this.start = this.pos;
        this.pos += length;
        break;
      }
      case Wire.SGROUP:
        this.start = this.pos;
        if (!this.#group(this.field, depth)) return false;
        break;
      case Wire.I32:
        this.start = this.pos;
        this.pos += 4;
        break;
      default:
        return this.#fail(`wire type ${this.wire} is not one that may stand here`);
    }
    this.stop = this.pos;
    if (this.pos > this.end) {
      this.pos = this.start;
      return this.#fail(
        `field ${this.field} claims ${this.stop - this.start} bytes, ${this.end - this.start} are left`,
      );
    }
    return true;
  }

  /** Moves behind the end tag of a group; groups are obsolete, but an unknown field may still be one. */
  #group(field: number, depth: number): boolean {
    const { tag, start } = this;
    if (depth === 0) return this.#fail("groups are nested too deep");
    for (;;) {
      if (this.pos >= this.end) return this.#fail(`group ${field} does not end`);
      if (!this.#tag()) return false;
      if (this.wire === Wire.EGROUP) break;
      if (!this.#value(depth - 1)) return false;
    }
    if (this.field !== field) return this.#fail(`group ${field} ends as group ${this.field}`);
    this.wire = Wire.SGROUP;
    this.tag = tag;
    this.start = start;
    return true;
  }

  /**
   * Reads a varint of at most ten bytes, minimal or not. Exact up to 2^53, which covers every tag and length;
   * larger values are only ever skipped. -1 when it is broken.
   */
  #varint(): number {
    const { bytes, end } = this;
    let pos = this.pos;
    let byte = pos < end ? (bytes[pos++] ?? 0) : 0x100;
    if (byte < 0x80) {
      this.pos = pos;
      return byte;
    }
    let value = byte & 0x7f;
    let scale = 128;
    for (let count = 1; count < 10 && pos < end && byte < 0x100; count++) {
      byte = bytes[pos++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.pos = pos;
        return value;
      }
      scale *= 128;
    }
    this.#fail(pos >= end ? "a varint is cut short" : "a varint has more than ten bytes");
    return -1;
  }

  #fail(problem: string): false {
    this.problem = `${problem} (byte ${this.pos})`;
    return false;
  }
}
