import { AttributeReader } from "./wire/attribute.ts";
import { type Cursor, Wire } from "./wire/cursor.ts";
import type { KeySet } from "./wire/keys.ts";
import { type Bytes, PlainRecords } from "./wire/plain-records.ts";

/** Reads by which of the wanted attributes a record is named, and where their values stand. */
export type RecordNames = {
  /** Whether many records can point to one value, so that to look at it for each of them could take for ever. */
  readonly areShared: boolean;
  /** For each wanted key the range of its first string that is not empty in the record that was read last; the start is -1 when there is none. */
  readonly starts: readonly number[];
  readonly stops: readonly number[];
  /** Finds the same in records of the usual shape, several in a row; undefined where it cannot. */
  readonly plain: PlainRecords | undefined;
  /** Looks into the metric, its data or the profile around records that the cursor's next() found, for what holds for all of them. */
  enter(cursor: Cursor): { readonly onceFields: readonly number[] };
  /** Reads the record that the cursor's next() found; whether any attribute names it. The cursor stays behind the record. */
  read(cursor: Cursor, attributes: number): boolean;
};

const none = { onceFields: [] };

/** Of a request's records that have their attributes in them. What stands before a break in a record counts. */
export function attributeNames(wanted: KeySet, bytes: Bytes): RecordNames {
  return wanted.keys.length === 0 ? noNames() : new AttributeNames(wanted, bytes);
}

/** What reads is made when it is asked for: where records lie in a slab few are read here. */
class AttributeNames implements RecordNames {
  readonly areShared = false;
  readonly starts: number[];
  readonly stops: number[];
  readonly #wanted: KeySet;
  readonly #bytes: Bytes;
  #plain: PlainRecords | undefined;
  #attribute: AttributeReader | undefined;

  constructor(wanted: KeySet, bytes: Bytes) {
    this.#wanted = wanted;
    this.#bytes = bytes;
    this.starts = wanted.keys.map(() => -1);
    this.stops = wanted.keys.map(() => -1);
  }

  get plain(): PlainRecords | undefined {
    // A KeyValue without a key has the empty one.
    if (this.#wanted.lengths[0] !== 0) return undefined;
    return (this.#plain ??= new PlainRecords(this.#wanted, this.#bytes, this));
  }

  enter(): typeof none {
    return none;
  }

  read(cursor: Cursor, attributes: number): boolean {
    const attribute = (this.#attribute ??= new AttributeReader());
    const { starts, stops } = this;
    let found = 0;
    starts.fill(-1);
    const { stop } = cursor;
    const outer = cursor.enter();
    while (found < starts.length && cursor.next()) {
      if (cursor.field !== attributes || cursor.wire !== Wire.LEN) continue;
      const key = attribute.find(cursor, this.#wanted);
      if (key < 0 || attribute.kind !== "string" || starts[key] !== -1) continue;
      starts[key] = attribute.valueStart;
      stops[key] = attribute.valueStop;
      found++;
    }
    cursor.problem = "";
    cursor.pos = stop;
    cursor.end = outer;
    return found > 0;
  }
}

/** Of records that name nothing, or of whom it is not known where they would. */
export function noNames(): RecordNames {
  return { areShared: false, starts: [], stops: [], plain: undefined, enter: () => none, read: () => false };
}
