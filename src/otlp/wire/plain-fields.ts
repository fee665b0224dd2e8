import { Wire } from "./cursor.ts";
import type { KeySet } from "./keys.ts";

/** The tags of KeyValue: 1 key and 2 value, and of AnyValue: 1 string_value; all length-delimited. */
const keyTag = 0x0a;
const valueTag = 0x12;
const stringTag = 0x0a;
/** A length and the tag and length of a key, all of one byte, behind a tag; the bits of them that are the same for all. */
const shortKey = keyTag << 16;
const shortKeyMask = 0x80ff8000 | 0;

/** The same bytes, to be looked at one by one and four at a time. */
export type Bytes = { readonly bytes: Uint8Array; readonly view: DataView };

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
  readonly #lengths: Uint8Array;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #end = 0;
  #attribute = 0;

  constructor(wanted: KeySet, { bytes, view }: Bytes) {
    this.#wanted = wanted;
    this.#lengths = wanted.lengths;
    this.#bytes = bytes;
    this.#view = view;
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
    const view = this.#view;
    const attribute = this.#attribute;
    const end = this.#end;
    // Ten bytes are the longest varint: behind this a Cursor does without looking past the end.
    const last = end - 12;
    let pos = this.pos;
    while (pos <= last) {
      // Tag and length, and of an attribute the tag and length of its key, in one look.
      const head = view.getInt32(pos, true);
      const tag = head & 0xff;
      if (tag < 8 || tag > 127) break;
      const wire = tag & 7;
      if (wire === Wire.LEN) {
        let start = pos + 2;
        let length = (head >>> 8) & 0xff;
        if (length > 127) {
          const high = (head >>> 16) & 0xff;
          if (high > 127) break;
          start++;
          length = (length & 127) | (high << 7);
        }
        const stop = start + length;
        if (stop > end) break;
        pos = stop;
        if (tag !== attribute || ((head & shortKeyMask) === shortKey && this.#hasOther(start, stop, head >>> 24)))
          continue;
        if (this.#isOther(start, stop)) continue;
        this.pos = pos;
        return true;
      }
      if (wire === Wire.I64) pos += 9;
      else if (wire === Wire.I32) pos += 5;
      else if (wire === Wire.VARINT) {
        let byte = pos + 1;
        while ((bytes[byte] ?? 0) > 127 && byte - pos < 10) byte++;
        if ((bytes[byte] ?? 0) > 127) break;
        pos = byte + 1;
      } else break;
    }
    this.pos = pos;
    return false;
  }

  /** Whether the KeyValue at [start, stop), which begins with a key of that length, has one that is not wanted, and a short value, and nothing else. */
  #hasOther(start: number, stop: number, keyLength: number): boolean {
    const value = start + 2 + keyLength;
    if (this.#lengths[keyLength] !== 0 || value + 2 > stop) return false;
    const head = this.#view.getInt16(value, true);
    return (head & 0x80ff) === valueTag && value + 2 + (head >>> 8) === stop;
  }

  /** Whether the KeyValue at [start, stop) is one key that is not wanted and one value; else what was found is set. */
  #isOther(start: number, stop: number): boolean {
    const bytes = this.#bytes;
    const keyLength = bytes[start + 1] ?? 128;
    const value = start + 2 + keyLength;
    if (bytes[start] === keyTag && keyLength < 128 && value + 2 <= stop && bytes[value] === valueTag) {
      let length = bytes[value + 1] ?? 128;
      let inside = value + 2;
      if (length > 127) length = (length & 127) | ((bytes[inside++] ?? 128) << 7);
      // A third byte of the length, or another field behind the value, is looked at with care.
      if (inside + length === stop) {
        if (this.#lengths[keyLength] === 0) return true;
        const key = this.#wanted.find(bytes, start + 2, value);
        if (key < 0) return true;
        // A string that is all of the value needs no other look.
        if (length >= 2 && length < 130 && bytes[inside] === stringTag && bytes[inside + 1] === length - 2) {
          this.key = key;
          this.start = inside + 2;
          this.stop = stop;
          return false;
        }
      }
    }
    this.key = -1;
    this.start = start;
    this.stop = stop;
    return false;
  }
}
