import { AttributeReader } from "./wire/attribute.ts";
import { type Cursor, Wire } from "./wire/cursor.ts";
import type { KeySet } from "./wire/keys.ts";
import { type Bytes, PlainWalk } from "./wire/plain-fields.ts";

/** Reads by which of the wanted attributes a record is named, and where their values stand. */
export type RecordNames = {
  /** Whether many records can point to one value, so that to look at it for each of them could take for ever. */
  readonly areShared: boolean;
  /** For each wanted key the range of its first string that is not empty in the record that was read last; the start is -1 when there is none. */
  readonly starts: readonly number[];
  readonly stops: readonly number[];
  /** Looks into the metric, its data or the profile around records that the cursor's next() found, for what holds for all of them. */
  enter(cursor: Cursor): { readonly onceFields: readonly number[] };
  /** Reads the record that the cursor's next() found; whether any attribute names it. The cursor stays behind the record. */
  read(cursor: Cursor, attributes: number): boolean;
};

const none = { onceFields: [] };

/** Of a request's records that have their attributes in them. What stands before a break in a record counts. */
export function attributeNames(wanted: KeySet, bytes: Bytes): RecordNames {
  const count = wanted.keys.length;
  const starts = wanted.keys.map(() => -1);
  const stops = wanted.keys.map(() => -1);
  const attribute = new AttributeReader();
  const plain = new PlainWalk(wanted, bytes);
  let found = 0;

  /** Takes a key's string; the first that is not empty counts. */
  const take = (key: number, start: number, stop: number): void => {
    if (start === stop || starts[key] !== -1) return;
    starts[key] = start;
    stops[key] = stop;
    found++;
  };
  /** Looks at the KeyValue under the cursor with care. */
  const look = (cursor: Cursor): void => {
    const key = attribute.find(cursor, wanted);
    if (key >= 0 && attribute.kind === "string") take(key, attribute.valueStart, attribute.valueStop);
  };
  /** Goes on where the usual shape ends. */
  const readRest = (cursor: Cursor, attributes: number): void => {
    const { stop } = cursor;
    const outer = cursor.enter();
    cursor.pos = plain.pos;
    while (found < count && cursor.next()) if (cursor.field === attributes && cursor.wire === Wire.LEN) look(cursor);
    cursor.problem = "";
    cursor.pos = stop;
    cursor.end = outer;
  };

  return {
    areShared: false,
    starts,
    stops,
    enter: () => none,
    read(cursor, attributes) {
      if (count === 0) return false;
      for (let key = 0; key < count; key++) starts[key] = -1;
      found = 0;
      const { start, stop } = cursor;
      // Most fields are of the usual shape, and most attributes have another key: they are passed at once.
      plain.begin(start, stop, attributes);
      while (found < count && plain.next()) {
        if (plain.key >= 0) take(plain.key, plain.start, plain.stop);
        else {
          cursor.start = plain.start;
          cursor.stop = plain.stop;
          look(cursor);
        }
      }
      cursor.start = start;
      cursor.stop = cursor.pos = stop;
      if (found < count && plain.pos < stop) readRest(cursor, attributes);
      return found > 0;
    },
  };
}

/** Of records that name nothing, or of whom it is not known where they would. */
export function noNames(): RecordNames {
  return { areShared: false, starts: [], stops: [], enter: () => none, read: () => false };
}
