import type { Cursor } from "./cursor.ts";
import { isAt, type KeySet } from "./keys.ts";

/** Wire types, as in Wire; to take them from there made the walk a tenth slower. */
const varint = 0;
const i64 = 1;
const len = 2;
const i32 = 5;
/** The tags of KeyValue: 1 key and 2 value, and of AnyValue: 1 string_value; all length-delimited. */
const keyTag = 0x0a;
const valueTag = 0x12;
const stringTag = 0x0a;
/** A length and the tag and length of a key, all of one byte, behind a tag; the bits of them that are the same for all. */
const shortKey = keyTag << 16;
const shortKeyMask = 0x80ff8000 | 0;
/** The tag and length of a value, the latter of one byte. */
const shortValueMask = 0x80ff;
/** A tag of two bytes and the longest varint: further from the end than this nothing reads past it. */
const margin = 12;

/** The same bytes, to be looked at one by one and four at a time. */
export type Bytes = { readonly bytes: Uint8Array; readonly view: DataView };

/** Ranges of names, key by key. */
type Names = { readonly starts: number[]; readonly stops: number[] };

/**
 * Walks over records that stand one behind the other and over the fields in each, up to the attributes that name it, as long as all have the
 * usual shape: a tag of one byte (of two, where it is no attribute), a length below 16,384, and in an attribute one key and one value. It looks at as few bytes as decide, and
 * makes nothing. What has another shape is left to a Cursor.
 */
export class PlainRecords {
  /** The record: offsets of its tag, of its content and behind it. */
  tag = 0;
  start = 0;
  stop = 0;
  /** How many of the wanted keys were found. */
  found = 0;
  /** The range of the string where one key is wanted and was found: it is not among the names until it is kept. */
  nameStart = -1;
  nameStop = -1;
  readonly isOne: boolean;
  readonly #names: Names;
  readonly #wanted: KeySet;
  readonly #first: Uint8Array;
  /** A bit for each number of bytes that a key has, modulo 32. */
  readonly #sizes: number;
  /** The least bytes of an attribute with one of the keys and a string. */
  readonly #least: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #end = 0;
  #attribute = 0;

  /** Each key has at least one byte; the names' ranges go into `names`, key by key: that of the first string that is not empty, from -1 when there is none. */
  constructor(wanted: KeySet, { bytes, view }: Bytes, names: Names) {
    const { encoded } = wanted;
    this.isOne = encoded.length === 1;
    this.#names = names;
    this.#wanted = wanted;
    this.#first = encoded[0] ?? new Uint8Array();
    this.#least = 9 + Math.min(...encoded.map(({ length }) => length));
    this.#sizes = encoded.reduce((bits, { length }) => bits | (1 << length), 0);
    this.#bytes = bytes;
    this.#view = view;
  }

  /** Begins with the record under the cursor; `field` is the number of its attributes, below 16. */
  begin({ tag, start, stop, end }: Cursor, field: number): void {
    this.tag = tag;
    this.start = start;
    this.stop = stop;
    this.#end = end;
    this.#attribute = (field << 3) | len;
  }

  /** Moves on to the record of the same field right behind; false when something else stands there. */
  next(): boolean {
    const bytes = this.#bytes;
    const tag = this.stop;
    const end = this.#end;
    const kind = bytes[tag] ?? 0;
    if (tag + 3 > end || kind !== bytes[this.tag] || (kind & 0x87) !== len) return false;
    let start = tag + 2;
    let length = bytes[tag + 1] ?? 0;
    if (length > 127) {
      const high = bytes[start++] ?? 0;
      if (high > 127) return false;
      length = (length & 127) | (high << 7);
    }
    if (start + length > end) return false;
    this.tag = tag;
    this.start = start;
    this.stop = start + length;
    return true;
  }

  /** Puts the range of the one name among the names. */
  keep(): void {
    this.#names.starts[0] = this.nameStart;
    this.#names.stops[0] = this.nameStop;
  }

  /** Looks for the names. False where a field of another shape stands before all are found: then the record must be read with care. */
  read(): boolean {
    const bytes = this.#bytes;
    const view = this.#view;
    const attribute = this.#attribute;
    const { lengths } = this.#wanted;
    const sizes = this.#sizes;
    const end = this.stop;
    const last = end - margin;
    let pos = this.start;
    this.found = 0;
    if (!this.isOne) this.#names.starts.fill(-1);
    while (pos <= last) {
      // Tag and length, and of an attribute the tag and length of its key, in one look.
      let head = view.getInt32(pos, true);
      const tag = head & 0xff;
      if (tag < 8) return false;
      if (tag > 127) {
        // A field number of 16 to 2047: no attribute. Of its tag the second byte stands for both.
        if ((head & 0x8000) !== 0 || (head & 0x7f00) === 0) return false;
        head = view.getInt32(++pos, true);
      }
      const wire = tag & 7;
      if (wire === len) {
        let start = pos + 2;
        let length = (head >>> 8) & 0xff;
        if (length > 127) {
          const high = (head >>> 16) & 0xff;
          if (high > 127) return false;
          start++;
          length = (length & 127) | (high << 7);
        }
        pos = start + length;
        if (pos > end) return false;
        if (tag !== attribute) continue;
        // Most attributes are short, and have another key: two looks are enough.
        const behind = start + 4 + (head >>> 24);
        if ((head & shortKeyMask) === shortKey && ((sizes >>> (head >>> 24)) & 1) === 0 && behind <= pos) {
          const inner = view.getInt16(behind - 2, true);
          if ((inner & shortValueMask) === valueTag && behind + (inner >>> 8) === pos) continue;
        }
        const keyLength = bytes[start + 1] ?? 128;
        const value = start + 2 + keyLength;
        if (bytes[start] !== keyTag || keyLength > 127 || value + 2 > pos || bytes[value] !== valueTag) return false;
        let inside = value + 2;
        length = bytes[value + 1] ?? 128;
        if (length > 127) length = (length & 127) | ((bytes[inside++] ?? 128) << 7);
        if (inside + length !== pos) return false;
        const key = lengths[keyLength] === 0 ? -1 : this.#keyAt(start + 2, value);
        if (key < 0) continue;
        if (length < 3 || length > 129 || bytes[inside] !== stringTag || bytes[inside + 1] !== length - 2) return false;
        if (this.#take(key, inside + 2, pos)) return true;
        continue;
      }
      if (wire === i64) pos += 9;
      else if (wire === i32) pos += 5;
      else if (wire === varint) {
        let byte = pos + 1;
        while ((bytes[byte] ?? 0) > 127 && byte - pos < 10) byte++;
        if ((bytes[byte] ?? 0) > 127) return false;
        pos = byte + 1;
      } else return false;
    }
    // No attribute with a key and a string has room in what is left.
    return end - pos < this.#least;
  }

  /** The index of the key that stands at [start, stop), which is as long as one of them; -1 when it is none. */
  #keyAt(start: number, stop: number): number {
    if (!this.isOne) return this.#wanted.find(this.#bytes, start, stop);
    return isAt(this.#first, this.#bytes, start) ? 0 : -1;
  }

  /** Takes the string of a key; whether all are found. */
  #take(key: number, start: number, stop: number): boolean {
    const { starts, stops } = this.#names;
    if (this.isOne) {
      this.nameStart = start;
      this.nameStop = stop;
    } else {
      if (starts[key] !== -1) return false;
      starts[key] = start;
      stops[key] = stop;
    }
    return ++this.found === starts.length;
  }
}
