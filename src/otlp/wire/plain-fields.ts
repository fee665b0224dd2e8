import { Wire } from "./cursor.ts";
import type { KeySet } from "./keys.ts";

/** The tags of KeyValue: 1 key and 2 value, and of AnyValue: 1 string_value; all length-delimited. */
const keyTag = 0x0a;
const valueTag = 0x12;
const stringTag = 0x0a;

/**
 * Walks over the fields of a record that have the usual shape: a tag of one byte, a length below 16,384, and in an attribute one key and
 * one value. It looks at as few bytes as decide, and makes nothing. One walk serves all records.
 */
export class PlainWalk {
  /** Where the next field begins; behind a walk where a Cursor goes on. */
  pos = 0;
  /** The index of the key of the attribute that was found, whose string stands at [start, stop); -1 for a KeyValue there that must be looked at with care. */
  key = -1;
  start = 0;
  stop = 0;
  readonly #wanted: KeySet;
  readonly #bytes: Uint8Array;
  #end = 0;
  #attribute = 0;

  constructor(wanted: KeySet, bytes: Uint8Array) {
    this.#wanted = wanted;
    this.#bytes = bytes;
  }

  /** Begins with the record at [pos, end); `field` is the number of its attributes, below 16. */
  begin(pos: number, end: number, field: number): void {
    this.pos = pos;
    this.#end = end;
    this.#attribute = (field << 3) | Wire.LEN;
  }

  /** Moves on to the next attribute that is wanted, or may be. Answers false at the end and before the first field of another shape. */
  next(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    const attribute = this.#attribute;
    let pos = this.pos;
    for (;;) {
      this.pos = pos;
      // Ten bytes are the longest varint: behind that a Cursor does without looking past the end.
      if (pos + 12 > end) return false;
      const tag = bytes[pos++] ?? 0;
      if (tag < 8 || tag > 127) return false;
      const wire = tag & 7;
      if (wire === Wire.LEN) {
        let length = bytes[pos++] ?? 0;
        if (length > 127) {
          const high = bytes[pos++] ?? 0;
          if (high > 127) return false;
          length = (length & 127) | (high << 7);
        }
        const start = pos;
        pos += length;
        if (pos > end) return false;
        if (tag !== attribute || this.#isOther(start, pos)) continue;
        this.pos = pos;
        return true;
      }
      if (wire === Wire.I64) pos += 8;
      else if (wire === Wire.I32) pos += 4;
      else if (wire === Wire.VARINT) {
        const first = pos;
        while ((bytes[pos++] ?? 0) > 127) if (pos - first > 9) return false;
      } else return false;
    }
  }

  /** Whether the KeyValue at [start, stop) is one key that is not wanted and one value; else what was found is set. */
  #isOther(start: number, stop: number): boolean {
    const bytes = this.#bytes;
    const keyLength = bytes[start + 1] ?? 128;
    const value = start + 2 + keyLength;
    this.key = -1;
    this.start = start;
    this.stop = stop;
    if (bytes[start] !== keyTag || keyLength > 127 || value + 2 > stop || bytes[value] !== valueTag) return false;
    let length = bytes[value + 1] ?? 128;
    let inside = value + 2;
    if (length > 127) {
      const high = bytes[inside++] ?? 128;
      if (high > 127) return false;
      length = (length & 127) | (high << 7);
    }
    if (inside + length !== stop) return false;
    const wanted = this.#wanted;
    if (wanted.lengths[keyLength] !== 1) return true;
    const key = wanted.find(bytes, start + 2, value);
    if (key < 0) return true;
    // A string that is all of the value needs no other look.
    if (length < 2 || length > 129 || bytes[inside] !== stringTag || bytes[inside + 1] !== length - 2) return false;
    this.key = key;
    this.start = inside + 2;
    return false;
  }
}
