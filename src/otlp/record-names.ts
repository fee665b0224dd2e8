import { AttributeReader } from "./attribute.ts";
import { type Cursor, Wire } from "./cursor.ts";
import type { KeySet } from "./keys.ts";
import { nextPlain, type PlainFields } from "./plain-fields.ts";

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

/** Of records that have their attributes in them. What stands before a break in a record counts. */
export function attributeNames(wanted: KeySet): RecordNames {
  const starts = wanted.keys.map(() => -1);
  const stops = wanted.keys.map(() => -1);
  const attribute = new AttributeReader();
  const plain: PlainFields = { pos: 0, start: 0, stop: 0 };

  /** Takes the attribute under the cursor; whether it names the record. */
  const take = (cursor: Cursor): boolean => {
    const index = attribute.find(cursor, wanted);
    if (index < 0 || attribute.kind !== "string" || starts[index] !== -1) return false;
    starts[index] = attribute.valueStart;
    stops[index] = attribute.valueStop;
    return true;
  };

  return {
    areShared: false,
    starts,
    stops,
    enter: () => none,
    read(cursor, attributes) {
      if (starts.length === 0) return false;
      starts.fill(-1);
      let isNamed = false;
      const { stop, bytes } = cursor;
      const outer = cursor.enter();
      // Most fields are of the usual shape, and most attributes have another key: they are passed at once.
      plain.pos = cursor.pos;
      while (nextPlain(plain, { bytes, end: stop, field: attributes, wanted })) {
        cursor.start = plain.start;
        cursor.stop = plain.stop;
        if (take(cursor)) isNamed = true;
      }
      cursor.pos = plain.pos;
      while (cursor.next()) {
        if (cursor.field === attributes && cursor.wire === Wire.LEN && take(cursor)) isNamed = true;
      }
      cursor.problem = "";
      cursor.pos = stop;
      cursor.end = outer;
      return isNamed;
    },
  };
}

/** Of records that name nothing, or of whom it is not known where they would. */
export function noNames(): RecordNames {
  return { areShared: false, starts: [], stops: [], enter: () => none, read: () => false };
}
