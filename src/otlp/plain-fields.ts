import { Wire } from "./cursor.ts";
import type { KeySet } from "./keys.ts";

/** Where a walk over the fields of a record stands. */
export type PlainFields = {
  /** Where the next field begins. */
  pos: number;
  /** The KeyValue that was found. */
  start: number;
  stop: number;
};

type Search = {
  readonly bytes: Uint8Array;
  readonly end: number;
  /** The number of the attributes, below 16. */
  readonly field: number;
  readonly wanted: KeySet;
};

/** The tags of KeyValue: 1 key and 2 value, both length-delimited. */
const keyTag = 0x0a;
const valueTag = 0x12;

/**
 * Moves on to the next attribute whose key is wanted, or that must be looked at with care, over fields of the usual shape: a tag
 * of one byte, a length below 16,384, and in an attribute one key and one value. Answers false at the end and before the first
 * field of another shape, where a Cursor goes on. It looks at as few bytes as decide.
 */
export function nextPlain(at: PlainFields, { bytes, end, field, wanted }: Search): boolean {
  let { pos } = at;
  const attribute = (field << 3) | Wire.LEN;
  for (;;) {
    at.pos = pos;
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
      if (tag !== attribute || isOther(bytes, start, { stop: pos, wanted })) continue;
      at.start = start;
      at.stop = at.pos = pos;
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

/** Whether the KeyValue is one key that is not wanted and one value. */
function isOther(bytes: Uint8Array, start: number, { stop, wanted }: { stop: number; wanted: KeySet }): boolean {
  const keyLength = bytes[start + 1] ?? 128;
  const keyStart = start + 2;
  const value = keyStart + keyLength;
  if (bytes[start] !== keyTag || keyLength > 127 || value + 2 > stop || bytes[value] !== valueTag) return false;
  const valueLength = bytes[value + 1] ?? 128;
  if (valueLength > 127 || value + 2 + valueLength !== stop) return false;
  return wanted.find(bytes, keyStart, value) < 0;
}
